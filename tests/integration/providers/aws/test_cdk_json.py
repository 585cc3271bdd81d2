"""What `cdk.json` says is what it says to the CDK command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from odmd.agent.mask import Mask
from odmd.control.running.place import Workplace
from odmd.errors import AppFailed, AppNotStarted, AssetUnfit, CdkJsonWrong, OdmdError, ToolMissing
from odmd.model import ContextKey, Variable
from odmd.model.run_document import DocumentInput, RunDocument
from odmd.model.targets import Target
from odmd.providers.aws import CdkSynthesiser

TARGET = Target("111122223333", "eu-west-1")
APP = """
import json, os, pathlib, sys
out = pathlib.Path(os.environ["CDK_OUTDIR"]); out.mkdir(exist_ok=True)
(out / "manifest.json").write_text("{}")
(out / "seen.json").write_text(json.dumps([sys.argv[1:], dict(os.environ)]))
"""
NODE_APP = """
const fs = require("fs"), out = process.env.CDK_OUTDIR; fs.mkdirSync(out, {recursive: true});
fs.writeFileSync(out + "/manifest.json", "{}");
fs.writeFileSync(out + "/seen.json", JSON.stringify([process.argv.slice(2), process.env]));
"""
PATHS = {"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True}


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "app.py").write_text(APP)
    return Workplace(tmp_path)


def synthesise(place: Workplace, content: str | bytes | None = None, **cdk_json: object) -> None:
    content = json.dumps(cdk_json) if content is None else content
    (place.source / "cdk.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    CdkSynthesiser(Mask().stream).synthesise(place.source, place, TARGET, lambda _: None)


def seen(place: Workplace) -> tuple[list[str], dict[str, str]]:
    """The app's arguments and variables."""
    arguments, variables = json.loads((place.built / "seen.json").read_text())
    return arguments, variables


def context(place: Workplace) -> dict[str, object]:
    return json.loads(seen(place)[1]["CDK_CONTEXT_JSON"])


class TestTheApp:
    @pytest.mark.parametrize(
        ("app", "arguments"),
        [
            ("echo first && python app.py second", ["second"]),
            ('STAGE=prod python app.py "$STAGE"', [""]),
            ("export STAGE=prod; python app.py $STAGE", ["prod"]),
            ("python app.py 'a b' \"c d\"", ["a b", "c d"]),
            ("python app.py *.txt", ["one.txt", "two.txt"]),
            ("false || python app.py ~", [str(Path.home())]),
            (["python", "app.py", "$((1+1))"], ["2"]),
        ],
    )
    def test_goes_through_a_shell(self, place: Workplace, app: object, arguments: list[str]) -> None:
        for name in ("one.txt", "two.txt"):
            (place.source / name).touch()

        synthesise(place, app=app)

        assert seen(place)[0] == arguments

    @pytest.mark.parametrize(
        ("file", "app", "arguments"),
        [
            ("app.js", "app.js", []),
            ("app.js", "app.js --flag 'a b'", ["--flag", "a b"]),
            ("my $app.js", "my $app.js", []),
            ("my app.js", '"my app.js" x', ["x"]),
            ("bin/app.js", "bin/app.js x && true", ["x"]),
        ],
    )
    def test_that_is_a_file_in_javascript_is_run_by_node(
        self, place: Workplace, file: str, app: str, arguments: list[str]
    ) -> None:
        (place.source / file).parent.mkdir(exist_ok=True)
        (place.source / file).write_text(NODE_APP)

        synthesise(place, app=app)

        assert seen(place)[0] == arguments

    def test_that_is_executable_says_by_itself_who_runs_it(self, place: Workplace) -> None:
        script = place.source / "run.js"
        script.write_text("#!/bin/sh\nexec python app.py by-sh")
        script.chmod(0o755)

        synthesise(place, app="./run.js")

        assert seen(place)[0] == ["by-sh"]

    @pytest.mark.parametrize("app", ["app.py", "no-such-program"])
    def test_that_no_shell_can_run_is_named(self, place: Workplace, app: str) -> None:
        with pytest.raises(ToolMissing, match=f"the app needs `{app}`"):
            synthesise(place, app=app)

    def test_is_built_first_without_the_apps_own_variables(self, place: Workplace) -> None:
        synthesise(place, build="env > built && true", app="python app.py $(grep -c CDK_OUTDIR built)")

        assert seen(place)[0] == ["0"]

    def test_is_not_run_when_its_build_fails(self, place: Workplace) -> None:
        with pytest.raises(AppFailed, match="the build command ended with 3: no luck"):
            synthesise(place, build="echo no luck; exit 3", app="python app.py")

        assert not list(place.built.iterdir())

    @pytest.mark.parametrize(
        ("build", "app"), [("", "python app.py " + "x" * 3_000_000), ("y" * 3_000_000, "python app.py")]
    )
    def test_that_the_system_does_not_start_is_told_so(self, place: Workplace, build: str, app: str) -> None:
        with pytest.raises(AppNotStarted, match="cannot be started: Argument list too long"):
            synthesise(place, build=build, app=app)

    def test_with_a_zero_byte_is_not_started(self, place: Workplace) -> None:
        with pytest.raises(AppNotStarted, match="null byte"):
            synthesise(place, app="python\0app.py")

    def test_ends_with_all_that_it_left_running(self, place: Workplace) -> None:
        synthesise(place, app="sleep 600 & python app.py $!")

        (pid,) = seen(place)[0]
        assert not _runs(int(pid))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class TestAnAppThatIsAnAssembly:
    def test_is_read_and_nothing_is_run(self, place: Workplace) -> None:
        _assembly(place.source / "cdk.out")

        synthesise(place, app="cdk.out")

        assert (place.built / "manifest.json").read_text() == "{}"
        assert not place.log.exists()

    def test_may_come_of_its_build(self, place: Workplace) -> None:
        synthesise(place, build="CDK_OUTDIR=my.out python app.py", app="my.out")

        assert (place.built / "seen.json").is_file()

    def test_is_part_of_the_repository(self, place: Workplace, tmp_path_factory: pytest.TempPathFactory) -> None:
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        _assembly(elsewhere)
        (place.source / "link").symlink_to(elsewhere)

        for app in (str(elsewhere), "link", "../../"):
            with pytest.raises(CdkJsonWrong, match="outside of the repository"):
                synthesise(place, app=app)

    def test_has_a_manifest(self, place: Workplace) -> None:
        (place.source / "empty").mkdir()

        with pytest.raises(
            CdkJsonWrong, match=r"folder empty, and that is no cloud assembly: it has no manifest\.json"
        ):
            synthesise(place, app="empty")

    def test_takes_no_inputs_but_parameters(self, place: Workplace) -> None:
        _assembly(place.source / "cdk.out")
        led = [("bus", "ContextKey:busName"), ("zone", "Variable:ZONE"), ("table", "Parameter:Table")]
        inputs = {name: DocumentInput("P", f"p/{name}", "Text", 1, "x", to) for name, to in led}
        place.document.write_text(_document(inputs).to_json())

        with pytest.raises(CdkJsonWrong, match=r"synthesised already: it cannot take busName, ZONE"):
            synthesise(place, app="cdk.out")

    def test_holds_files_only(self, place: Workplace) -> None:
        _assembly(place.source / "cdk.out")
        os.mkfifo(place.source / "cdk.out" / "pipe")

        with pytest.raises(AssetUnfit, match="named pipe"):
            synthesise(place, app="cdk.out")


def _document(inputs: dict[str, DocumentInput]) -> RunDocument:
    return RunDocument(1, "shop/b..main", "shop", "b..main", "dev", TARGET.account, TARGET.region, False, inputs, {})


def _assembly(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text("{}")


class TestTheContext:
    @pytest.mark.parametrize("nothing", [None, False, "", 0, {}])
    def test_may_be_nothing(self, place: Workplace, nothing: object) -> None:
        synthesise(place, app="python app.py", context=nothing)

        assert context(place) == PATHS

    def test_outranks_answers_to_lookups_key_by_key(self, place: Workplace) -> None:
        answers = {"vpc": "vpc-1", "zones": [1, 2, 3], "tags": {"a": 1, "b": {"c": 1}}}
        (place.source / "cdk.context.json").write_text(json.dumps(answers))

        synthesise(place, app="python app.py", context={"zones": [4], "tags": {"b": {"d": None}}, "none": None})

        expected = {"vpc": "vpc-1", "zones": [4], "tags": {"a": 1, "b": {"c": 1, "d": None}}, "none": None}
        assert context(place) == {**expected, **PATHS}

    @pytest.mark.parametrize("goal", [ContextKey("busName"), Variable("BUS_NAME")])
    def test_holds_the_inputs_that_are_led_there_and_variables_the_others(self, place: Workplace, goal: object) -> None:
        led = {"bus": DocumentInput("OdmdInBus", "p", "k", 1, "orders", str(goal))}
        place.document.write_text(_document(led).to_json())

        synthesise(place, app="python app.py", context={"busName": "default"})

        found = (context(place)["busName"], seen(place)[1].get("BUS_NAME"))
        assert found == (("orders", None) if isinstance(goal, ContextKey) else ("default", "orders"))

    def test_tells_the_library_what_it_is_to_write(self, place: Workplace) -> None:
        synthesise(place, app="python app.py", pathMetadata=False, assetMetadata=None)

        assert context(place) == {"aws:cdk:enable-asset-metadata": True}

    def test_says_how_the_account_was_bootstrapped_unless_the_app_does(self, place: Workplace) -> None:
        (place.source / "cdk.json").write_text('{"app": "python app.py"}')
        accounts = {TARGET.account: "acme", "444455556666": "other"}
        CdkSynthesiser(Mask().stream, None, accounts).synthesise(place.source, place, TARGET, lambda _: None)
        of_settings = context(place)
        own = {"@aws-cdk/core:bootstrapQualifier": "mine"}
        (place.source / "cdk.json").write_text(json.dumps({"app": "python app.py", "context": own}))
        CdkSynthesiser(Mask().stream, None, accounts).synthesise(place.source, place, TARGET, lambda _: None)

        assert of_settings == {"@aws-cdk/core:bootstrapQualifier": "acme", **PATHS}
        assert context(place) == {**own, **PATHS}

    @pytest.mark.parametrize("large", [1, 200, 131_000, 200_000, 5_000_000])
    def test_may_have_any_size(self, place: Workplace, large: int) -> None:
        given = {"first": "1", "large": "é" * (large // 6), "last": {"x": "$(exit 3)`'\""}}

        synthesise(place, app="python app.py", context=given)

        held, variables = context(place), seen(place)[1]
        where = variables.get("CONTEXT_OVERFLOW_LOCATION_ENV")
        rest = json.loads(Path(where).read_text()) if where else {}
        assert {**held, **rest} == {**given, **PATHS}
        assert not held.keys() & rest.keys()
        assert bool(rest) == (large > 130_000)


class TestTheFile:
    def test_may_begin_with_a_mark_and_hold_keys_of_the_command_line(self, place: Workplace) -> None:
        settings = {
            "app": "python app.py",
            "requireApproval": "never",
            "output": "dist",
            "plugin": [1],
            "toolkit": None,
        }

        synthesise(place, b"\xef\xbb\xbf" + json.dumps(settings).encode())

        assert place.built.is_dir()

    def test_turns_debugging_on_and_validation_off(self, place: Workplace) -> None:
        synthesise(place, app="python app.py", debug=True, validation=False)

        variables = seen(place)[1]
        assert (variables["CDK_DEBUG"], variables["CDK_VALIDATION"]) == ("true", "false")

    @pytest.mark.parametrize(
        ("content", "fact"),
        [
            ("", "cannot be read: Expecting value"),
            ("{", "cannot be read"),
            ('{"app": "x", "context": {"n": NaN}}', "NaN is no JSON"),
            ("[" * 100_000, "cannot be read"),
            (b"\xff\xfe{\0}\0", "cannot be read: 'utf-8' codec"),
            ("null", "must hold an object, not null"),
            ('["python app.py"]', "must hold an object"),
            ("{}", "has no `app`"),
            ('{"app": ""}', "has no `app`"),
            ('{"app": []}', "has no `app`"),
            ('{"app": 7}', "`app` in cdk.json must be a text, not 7"),
            ('{"app": ["python", 7]}', "`app` in cdk.json must be a text"),
            ('{"app": {"python": "' + "x" * 100 + '"}}', "`app` in cdk.json must be a text, not .{60}…$"),
            ('{"app": "x", "build": ["make"]}', "`build` in cdk.json must be a text"),
            ('{"app": "x", "context": [1]}', r"`context` in cdk.json must be an object, not \[1\]"),
            ('{"app": "x", "context": "a=b"}', "`context` in cdk.json must be an object"),
        ],
    )
    def test_that_says_what_cannot_be_is_refused(self, place: Workplace, content: str | bytes, fact: str) -> None:
        with pytest.raises(CdkJsonWrong, match=fact):
            synthesise(place, content)

    @pytest.mark.parametrize("answers", ["null", "[]", "", "{"])
    def test_of_answers_likewise(self, place: Workplace, answers: str) -> None:
        (place.source / "cdk.context.json").write_text(answers)

        with pytest.raises(CdkJsonWrong, match=r"cdk\.context\.json"):
            synthesise(place, app="python app.py")

    def test_is_there(self, place: Workplace) -> None:
        with pytest.raises(CdkJsonWrong, match=r"no cdk\.json"):
            CdkSynthesiser(Mask().stream).synthesise(place.source, place, TARGET, lambda _: None)

    def test_is_no_folder(self, place: Workplace) -> None:
        (place.source / "cdk.json").mkdir()

        with pytest.raises(OdmdError, match=r"cdk\.json cannot be read"):
            CdkSynthesiser(Mask().stream).synthesise(place.source, place, TARGET, lambda _: None)
