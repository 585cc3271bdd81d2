"""All commands by name, and what the list of them says, so that only the one that was typed is imported."""

from __future__ import annotations

from typing import Final, NamedTuple


class Listed(NamedTuple):
    """The module that has a command under its name, and the first words of the command's own documentation."""

    module: str
    about: str


COMMANDS: Final = {
    "init": Listed(
        "init",
        "Make a new organisation: contracts and a first service; with --service, another service. Overwrites nothing.",
    ),
    "check": Listed("check", "Prove the contracts: every mistake at once, with file and line. Moves nothing."),
    "graph": Listed(
        "graph", "Show the organisation: envers and wires, networks, roles, or running versions. Moves nothing."
    ),
    "diff": Listed(
        "diff",
        "Say what differs between two envers, or one now and earlier, and why; or between two versions of contracts.",
    ),
    "plan": Listed(
        "plan",
        "Show the stages that lead from what runs to what the contracts and repositories say. Moves nothing.",
    ),
    "preflight": Listed(
        "preflight",
        "Prove that all is there which the next runs need, and say at once what is missing, with what mends it. Moves "
        "nothing.",
    ),
    "apply": Listed(
        "apply",
        "Carry out the plan: first goes on with what an earlier process left, then plans, shows, asks and deploys.",
    ),
    "clone": Listed(
        "clone",
        "Make running environments of your own from others, see what is shared and what is left, and delete them.",
    ),
    "experiment": Listed(
        "experiment.command",
        "Try variants of an enver side by side: clones with other config or revisions, held against the same tests.",
    ),
    "can-i-deploy": Listed(
        "can_i_deploy",
        "Say whether something can be deployed beside what runs: who writes what, who reads what, now and then.",
    ),
    "simulate": Listed(
        "simulate",
        "Say what a change would do: order, time, what waits, what breaks, what to improve. Moves nothing.",
    ),
    "status": Listed(
        "status", "Show every enver as recorded: its state, what it runs, and with which versions of its inputs."
    ),
    "drift": Listed(
        "drift",
        "Say whether what runs is still what was deployed; accept what others changed, or bring it back.",
    ),
    "values": Listed(
        "values",
        "Show published values: number, text, whether current, superseded or retired, and who runs with each.",
    ),
    "docs": Listed(
        "docs", "Show the documents of what an enver runs, or one of them: as they were when it was deployed."
    ),
    "why": Listed(
        "why",
        "Say why an enver runs what it runs, or why it does not; or where a value comes from: back to who started it.",
    ),
    "history": Listed(
        "history",
        "Show what became of an enver, newest first: who changed what, when, why and from where; and who made it.",
    ),
    "reached": Listed(
        "history",
        "Show all that a commit has touched: what was made from it, what that published, who ran with it, and so on.",
    ),
    "where": Listed(
        "where",
        "Say where a commit or a value is now: which envers run it, are ahead of it, or behind, and by how much.",
    ),
    "cost": Listed(
        "cost",
        "Show what envers cost a day by being there, roughly: by list prices, without what is charged by use.",
    ),
    "lag": Listed(
        "lag", "Show how far envers are behind what they consume and are promoted from, and whose objective is broken."
    ),
    "audit": Listed("audit", "Say who did what, when, why and from where; prove that the log of it is what it was."),
    "runs": Listed(
        "runs", "Show runs, newest first: what each deployed, how long it took, and why it was; or the steps of one."
    ),
    "logs": Listed("logs", "Show what a run said: its steps, what its app printed, what was changed."),
    "checks": Listed(
        "checks",
        "Show what verified an enver: each check with its last results, how long it took, and how often it was flaky.",
    ),
    "verify": Listed(
        "verify",
        "Verify again what an enver runs: its checks, or tests that you name, are made once more; nothing is deployed.",
    ),
    "dora": Listed(
        "dora",
        "Show how often teams deploy, how long a change takes, how often that fails, and how fast it is mended.",
    ),
    "config": Listed(
        "config", "Show and edit private config: typed by the contracts, kept outside of them, in layers."
    ),
    "approve": Listed(
        "approve", "Let in the new values, or the promoted commits, that envers ask about; what follows is deployed."
    ),
    "reject": Listed("approve", "Keep out the values that envers ask about; the next ones are asked about again."),
    "ask": Listed("ask", "Ask once more about what was rejected, or what nobody answered in time."),
    "delegate": Listed("delegate", "Let somebody answer for a team for a while, list who does, and end it."),
    "notify": Listed(
        "notify", "Say who is told of what happens, as the settings have it, and try whether a message gets there."
    ),
    "pause": Listed(
        "pause", "Start nothing new for an enver, a team, a stage or everything; what is under way goes on to its end."
    ),
    "resume": Listed("pause", "End a pause; what waited for it is deployed."),
    "cancel": Listed("pause", "End a run before it moves anything; one that changes stacks already goes on."),
    "rollback": Listed(
        "rollback", "Bring an enver back to what an earlier run deployed, and hold it there until `odmd release`."
    ),
    "release": Listed(
        "rollback",
        "Let an enver that was rolled back follow its inputs again: it goes on with the newest commit and values.",
    ),
    "serve": Listed(
        "serve",
        "Serve what every command does over HTTP, until stopped: SIGTERM drains, SIGHUP reads the contracts again.",
    ),
    "console": Listed(
        "open_console",
        "Open the console in your browser, signed in as you, and serve it until stopped: what is, why, what waits.",
    ),
    "worker": Listed(
        "worker",
        "Carry out runs of whoever leads on the same database, until stopped: SIGTERM lets runs under way end.",
    ),
    "backup": Listed(
        "backup",
        "Write a copy of the state, as it is at one moment, beside whatever works on it. For Postgres, use pg_dump.",
    ),
    "recover": Listed(
        "backup",
        "Make a state that was restored from a backup safe to work with: it is older than what really runs.",
    ),
    "doctor": Listed(
        "doctor",
        "Look at everything that odmd needs: tools, contracts, state, repositories, accounts, and the server if given.",
    ),
    "bootstrap": Listed(
        "bootstrap",
        "Give accounts the roles that runs act with, which may do what the contracts need; says before who gains what.",
    ),
    "emulator": Listed(
        "emulator",
        "Start an AWS emulator with every account of the contracts ready for CDK, and those that are added while it "
        "runs; ends with Ctrl-C, and forgets all unless it is kept.",
    ),
    "demo": Listed(
        "demo", "Deploy a coffee shop on an AWS emulator, change it, and move its bus while orders keep coming in."
    ),
    "github": Listed(
        "github", "Make odmd known to GitHub as an App of your organisation, and see how it stands there."
    ),
    "secret": Listed(
        "secret",
        "Say where the secrets are that envers need, and see how they stand there. Their texts are never shown.",
    ),
    "policy": Listed(
        "policy",
        "Say who may do what by the policies beside the contracts, why, and what a change of them gives and takes.",
    ),
    "token": Listed("token", "Make, list and revoke the tokens that a server takes."),
    "login": Listed(
        "login", "Prove to a server who you are, and get a session there, which your commands find until it is over."
    ),
    "logout": Listed("login", "End your session at a server at once."),
    "whoami": Listed("login", "Say who you are to a server, how it knows, and how much you may do."),
    "session": Listed("session", "List and end sessions: your own, or for admins everybody's."),
    "agent": Listed("agent", "Carry out a server's runs from other places."),
}
