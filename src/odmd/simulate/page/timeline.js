// Shows at once what a browser would show late: the title of what the pointer is over.
const tip = document.getElementById("tip");
for (const one of document.querySelectorAll("[data-tip]")) {
  one.addEventListener("pointermove", (event) => {
    tip.textContent = one.dataset.tip;
    tip.style.display = "block";
    tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
    tip.style.top = Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8) + "px";
  });
  one.addEventListener("pointerleave", () => { tip.style.display = "none"; });
}
