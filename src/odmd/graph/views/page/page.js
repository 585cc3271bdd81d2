"use strict";
(() => {
  const view = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const svg = at("picture"), scene = at("scene"), panel = at("panel"), search = at("search"), hits = at("hits");
  const NS = "http://www.w3.org/2000/svg", H = view.height;
  const byId = new Map(view.nodes.map((node) => [node.id, node]));
  const into = new Map(), outOf = new Map();
  const push = (map, key, edge) => { if (map.has(key)) map.get(key).push(edge); else map.set(key, [edge]); };
  for (const edge of view.edges) { push(into, edge.to, edge); push(outOf, edge.from, edge); }

  // What names say is always text, never markup.
  const make = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const draw = (tag, attributes = {}) => {
    const made = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  const groups = view.groups;
  const colour = (group) => `hsl(${(groups.indexOf(group) * 137.5 + 205) % 360} 62% 52%)`;
  const colours = new Map(groups.map((group) => [group, colour(group)]));
  const hidden = new Set();

  // Through the edge's points, level at each; within one column, around its right side.
  const curve = (edge) => {
    const [[x, y], ...rest] = edge.route;
    if (rest.length === 1 && byId.get(edge.from).x === byId.get(edge.to).x) {
      const [[x2, y2]] = rest, out = Math.max(x, x2) + 44;
      return `M${x} ${y}C${out} ${y} ${out} ${y2} ${x2} ${y2}`;
    }
    let [px, py] = [x, y], path = `M${x} ${y}`;
    for (const [qx, qy] of rest) {
      const bend = (qx - px) / 2;
      path += py === qy ? `L${qx} ${qy}` : `C${px + bend} ${py} ${qx - bend} ${qy} ${qx} ${qy}`;
      [px, py] = [qx, qy];
    }
    return path;
  };

  const caption = (edge) => { // in the gap before the target, where edges have parted
    const [[x1, y1], [x2, y2]] = edge.route.slice(-2);
    const text = draw("text", { class: "caption", x: (x1 + x2) / 2, y: (y1 + y2) / 2 });
    const fits = Math.max(8, Math.floor(Math.abs(x2 - x1) / 6));
    text.textContent = edge.label.length > fits ? edge.label.slice(0, fits - 1) + "…" : edge.label;
    return text;
  };

  // Where there are many edges, all of one style are one path: thousands cost no more than a few.
  const ARROWS = 600;
  const drawEdges = () => {
    const shown = view.edges.filter((edge) => !hidden.has(byId.get(edge.from).group) && !hidden.has(byId.get(edge.to).group));
    const captions = view.edges.length <= view.labelled ? shown.map(caption) : [];
    if (shown.length <= ARROWS) {
      at("edges").replaceChildren(...shown.map((edge) => draw("path", { class: `${edge.style} arrow`, d: curve(edge) })), ...captions);
      return;
    }
    const paths = new Map();
    for (const edge of shown) push(paths, edge.style, curve(edge));
    at("edges").replaceChildren(...[...paths].map(([style, parts]) => draw("path", { class: style, d: parts.join("") })));
  };

  const cut = (label, width, letter) => {
    const fits = Math.floor((width - 26) / letter);
    return label.length > fits ? label.slice(0, Math.max(1, fits - 1)) + "…" : label;
  };
  const CORNERS = { network: 12, product: 1, role: 12, repo: 1 };
  const drawn = new Map();
  for (const node of view.nodes) {
    const group = draw("g", { transform: `translate(${node.x} ${node.y})`, "data-id": node.id });
    group.style.setProperty("--group", colours.get(node.group));
    const title = draw("title");
    title.textContent = [node.label, ...node.notes].join("\n");
    const box = draw("rect", { class: "box", width: node.w, height: H, rx: CORNERS[node.type] ?? 6 });
    const mark = draw("rect", { x: 8, y: 9, width: 4, height: H - 18, rx: 2, fill: colours.get(node.group) });
    const text = draw("text", { x: 20, y: node.line ? H / 2 - 7 : H / 2 + 0.5 });
    text.textContent = cut(node.label, node.w, 6.9);
    const line = draw("text", { class: "line", x: 20, y: H / 2 + 9 });
    line.textContent = cut(node.line, node.w, 5.6);
    group.append(title, box, mark, text, line);
    drawn.set(node.id, group);
  }
  at("nodes").append(...drawn.values());

  let x = 0, y = 0, scale = 1;
  const move = () => {
    scene.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    svg.classList.toggle("far", scale < 0.3);
  };
  const zoom = (factor, px, py) => {
    const next = Math.min(4, Math.max(0.02, scale * factor));
    x = px - ((px - x) * next) / scale;
    y = py - ((py - y) * next) / scale;
    scale = next;
    move();
  };
  const bounds = (nodes) => ({
    left: Math.min(...nodes.map((n) => n.x)), right: Math.max(...nodes.map((n) => n.x + n.w)),
    top: Math.min(...nodes.map((n) => n.y)), bottom: Math.max(...nodes.map((n) => n.y + H)),
  });
  const show = (nodes, most) => {
    if (!nodes.length) return;
    const b = bounds(nodes), wide = svg.clientWidth - (panel.hidden ? 0 : panel.clientWidth), high = svg.clientHeight - 40;
    scale = Math.min(most, Math.max(0.02, Math.min((wide - 60) / (b.right - b.left), (high - 60) / (b.bottom - b.top))));
    x = wide / 2 - (scale * (b.left + b.right)) / 2;
    y = high / 2 - (scale * (b.top + b.bottom)) / 2;
    move();
  };
  const centre = (node, at) => {
    scale = at;
    x = (svg.clientWidth - (panel.hidden ? 0 : panel.clientWidth)) / 2 - scale * (node.x + node.w / 2);
    y = svg.clientHeight / 2 - scale * (node.y + H / 2);
    move();
  };
  const fit = () => show(view.nodes.filter((node) => !hidden.has(node.group)), 1.7);

  let chosen = null;
  const choose = (id, bring = false) => {
    chosen = byId.has(id) ? id : null;
    document.body.classList.toggle("choosing", chosen !== null);
    for (const group of drawn.values()) group.classList.remove("chosen", "source", "target");
    const arriving = into.get(chosen) ?? [], leaving = outOf.get(chosen) ?? [];
    at("lit").replaceChildren(
      ...arriving.map((edge) => draw("path", { class: `in ${edge.style}`, d: curve(edge) })),
      ...leaving.map((edge) => draw("path", { class: `out ${edge.style}`, d: curve(edge) })),
      ...(arriving.length + leaving.length <= 24 ? [...arriving, ...leaving].map(caption) : []),
    );
    for (const edge of arriving) drawn.get(edge.from).classList.add("source");
    for (const edge of leaving) drawn.get(edge.to).classList.add("target");
    panel.hidden = chosen === null;
    if (chosen === null) return;
    drawn.get(chosen).classList.add("chosen");
    tell(byId.get(chosen), arriving, leaving);
    if (!bring) return;
    show([byId.get(chosen), ...arriving.map((e) => byId.get(e.from)), ...leaving.map((e) => byId.get(e.to))], 1.2);
    if (scale < 0.5) centre(byId.get(chosen), 0.8); // its neighbours are too far apart to be read at once
  };

  const link = (id) => {
    const made = make("a", { tabindex: "0", role: "button" }, byId.get(id).label);
    const go = () => choose(id, true);
    made.addEventListener("click", go);
    made.addEventListener("keydown", (event) => { if (event.key === "Enter") go(); });
    return made;
  };
  const tell = (node, arriving, leaving) => {
    const close = make("button", { class: "close", type: "button", "aria-label": "Close" }, "×");
    close.addEventListener("click", () => choose(null));
    const parts = [close, make("h2", {}, node.label), make("small", {}, [node.type, ...node.notes].join(" · "))];
    const list = (title, way, edges, end) => {
      if (!edges.length) return;
      const rows = edges.flatMap((edge) => {
        if (!edge.wires.length) return [make("li", { class: edge.style }, `${way === "in" ? edge.passive : edge.label}: `, link(edge[end]))];
        return edge.wires.map((wire) => {
          const here = way === "in" ? wire.input : wire.product.slice(node.id.length + 1);
          const there = way === "in" ? wire.product.slice(edge.from.length + 1) : wire.input;
          const [name, other] = edge.type === "wire" ? [here, there] : [way === "in" ? edge.passive : edge.label, wire.input];
          const row = make("li", { class: wire.style }, `${name}: `, link(edge[end]));
          row.append(make("small", {}, [other, wire.kind.split(":").pop(), ...wire.notes].join(" · ")));
          return row;
        });
      });
      parts.push(make("h3", { class: way }, `${title} (${rows.length})`), make("ul", {}, ...rows));
    };
    list("comes in", "in", arriving, "from");
    list("goes out", "out", leaving, "to");
    if (node.products.length) {
      parts.push(make("h3", {}, `products (${node.products.length})`));
      parts.push(make("ul", {}, ...node.products.map((one) =>
        make("li", {}, one.name, make("small", {}, [one.type, one.about, ...one.notes].filter(Boolean).join(" · "))))));
    }
    const facts = Object.entries(node.attributes).filter(([, value]) => value !== null && value !== "" && value !== false);
    if (facts.length) {
      parts.push(make("h3", {}, "facts"));
      parts.push(make("dl", {}, ...facts.flatMap(([name, value]) =>
        [make("dt", {}, name.replaceAll("_", " ")), make("dd", {}, String(value))])));
    }
    panel.replaceChildren(...parts);
    panel.scrollTop = 0;
  };

  let found = [], marked = 0;
  const look = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = !words.length ? [] : view.nodes
      .map((node) => ({ node, own: node.label.toLowerCase(), all: texts.get(node.id) }))
      .filter(({ all }) => words.every((word) => all.includes(word)))
      .sort((a, b) => Number(words.every((w) => b.own.includes(w))) - Number(words.every((w) => a.own.includes(w))))
      .slice(0, 50).map(({ node }) => node);
    marked = 0;
    list();
  };
  const texts = new Map(view.nodes.map((node) => [node.id, [
    node.label, node.id, ...node.notes, ...Object.values(node.attributes), ...node.products.flatMap((one) => [one.name, one.type, one.about]),
  ].join(" ").toLowerCase()]));
  const list = () => {
    hits.hidden = !search.value.trim();
    hits.replaceChildren(...found.map((node, number) => {
      const row = make("li", { role: "option", "aria-selected": String(number === marked) }, node.label, make("small", {}, [node.group, ...node.notes].join(" · ")));
      row.addEventListener("mousedown", (event) => { event.preventDefault(); take(node); });
      return row;
    }));
    if (!found.length) hits.replaceChildren(make("li", {}, "nothing found"));
    hits.children[marked]?.scrollIntoView({ block: "nearest" });
  };
  const take = (node) => { hits.hidden = true; search.blur(); choose(node.id, true); };
  search.addEventListener("input", look);
  search.addEventListener("blur", () => { hits.hidden = true; });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && found[marked]) take(found[marked]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      marked = Math.max(0, Math.min(found.length - 1, marked + (event.key === "ArrowDown" ? 1 : -1)));
      list();
    }
  });

  const pointers = new Map();
  let travelled = 0, apart = 0;
  const spread = () => { const [a, b] = [...pointers.values()]; return Math.hypot(a.x - b.x, a.y - b.y); };
  const local = (event) => { const box = svg.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };
  svg.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, local(event));
    travelled = 0;
    if (pointers.size === 2) apart = spread();
  });
  svg.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = local(event);
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    pointers.set(event.pointerId, now);
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()], next = spread();
      zoom(next / apart, (a.x + b.x) / 2, (a.y + b.y) / 2);
      apart = next;
    } else if (travelled > 4) {
      svg.setPointerCapture(event.pointerId);
      svg.classList.add("moving");
      x += now.x - before.x;
      y += now.y - before.y;
      move();
    }
  });
  const lift = (event) => { pointers.delete(event.pointerId); svg.classList.remove("moving"); };
  svg.addEventListener("pointerup", lift);
  svg.addEventListener("pointercancel", lift);
  svg.addEventListener("click", (event) => {
    if (travelled > 4) return;
    const group = event.target.closest("[data-id]");
    choose(group ? group.getAttribute("data-id") : null);
  });
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { x: px, y: py } = local(event);
    zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0016)), px, py);
  }, { passive: false });

  if (groups.length > 1) at("groups").append(...groups.map((group) => {
    const swatch = make("i");
    swatch.style.background = colours.get(group);
    const button = make("button", { type: "button", "aria-pressed": "true", title: `${view.grouped_by}: show or hide` }, swatch, group);
    button.addEventListener("click", () => {
      if (!hidden.delete(group)) hidden.add(group);
      button.setAttribute("aria-pressed", String(!hidden.has(group)));
      for (const node of view.nodes) drawn.get(node.id).classList.toggle("off", hidden.has(node.group));
      drawEdges();
    });
    return button;
  }));
  at("fit").addEventListener("click", fit);
  document.addEventListener("keydown", (event) => {
    if (event.target === search) { if (event.key === "Escape") search.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); search.focus(); search.select(); }
    if (event.key === "Escape") choose(null);
    if (event.key === "f") fit();
    if (event.key === "+") zoom(1.25, svg.clientWidth / 2, svg.clientHeight / 2);
    if (event.key === "-") zoom(0.8, svg.clientWidth / 2, svg.clientHeight / 2);
  });
  window.addEventListener("resize", () => { if (chosen === null) fit(); });

  document.querySelector("h1").textContent = view.organisation;
  at("title").textContent = [`${view.view}: ${view.title}`, ...view.notes].join(" · ");
  at("title").title = at("title").textContent;
  svg.classList.toggle("many", view.edges.length > 1500);
  drawEdges();
  fit();
  const wanted = decodeURIComponent(location.hash.slice(1));
  if (byId.has(wanted)) choose(wanted, true);
})();
