"""Every error a user can meet: the fact, the place, the next step, and whether trying again can help.

Invalid (the input is wrong) is not refused (right, but not now or not so), is not failed (tried, and the world said
no), is not broken (our own mistake, which is any exception outside this tree).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a user's file something was declared."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{_short(self.file)}:{self.line}"


def _short(file: str) -> str:
    """The file relative to the working folder, where it is below it."""
    here = f"{Path.cwd()}/"
    return file.removeprefix(here)


class Severity(StrEnum):
    """Whether a diagnostic stops what it is about."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake (or warning) in what a user wrote, with a stable code."""

    code: str
    fact: str
    place: Place | None = None
    next_step: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        hint = f"\n    {self.next_step}" if self.next_step else ""
        return f"{where}{self.code} {self.fact}{hint}"


class OdmdError(Exception):
    """Base of the tree; `fact` says what is so, `next_step` what to do about it."""

    code: ClassVar[str] = "ODMD000"
    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    waits: ClassVar[bool] = False
    """Whether a run waits long for it to pass: nothing of it moved, and somebody else has to come back."""

    def __init__(self, fact: str, *, next_step: str = "", place: Place | None = None) -> None:
        super().__init__(fact)
        self.fact, self.next_step, self.place = fact, next_step, place

    def in_words(self) -> str:
        """As it is recorded: with its code, and what to do about it in a line of its own."""
        hint = f"\n{self.next_step}" if self.next_step else ""
        return f"{self.code} {self.fact}{hint}"

    def diagnostics(self) -> Sequence[Diagnostic]:
        """What to show a user, most important first."""
        return (Diagnostic(self.code, self.fact, self.place, self.next_step),)


class Invalid(OdmdError, ValueError):
    """What the user gave is wrong; nothing was tried."""


class Refused(OdmdError):
    """Right, but not now or not so; nothing was changed."""


class Failed(OdmdError):
    """Tried, and the world said no."""


class FailedForNow(Failed):
    """Tried, and trying the same again later may well work."""

    retryable = True


class ContractsNotLoaded(Invalid):
    """The contracts file is missing, does not import, or names no organisation."""

    code = "ODMD001"


class ContractsBoundless(ContractsNotLoaded):
    """Loading the contracts takes more time, memory or output than contracts may take."""

    code = "ODMD044"


class ContractsNotBelieved(ContractsNotLoaded):
    """What the process that loaded the contracts tells of them is garbled, too much, or not sound as it claims."""

    code = "ODMD045"


class KindSilent(ContractsNotLoaded):
    """A kind of the contracts' own does not answer how it reads a value."""

    code = "ODMD046"


class ContractsTooOpen(ContractsNotLoaded):
    """The contracts lie in the home folder itself, or above it: a cage for them would hold all of it."""

    code = "ODMD047"


class NameTaken(ContractsNotLoaded):
    """A product, an input or another field of an enver has a name that every enver has."""

    code = "ODMD039"


class ContractsUnsound(Invalid):
    """The contracts load, and break rules; every mistake is listed."""

    code = "ODMD002"

    def __init__(self, found: Sequence[Diagnostic]) -> None:
        mistakes = [one for one in found if one.severity is Severity.ERROR]
        super().__init__(f"{len(mistakes)} mistake{'s' * (len(mistakes) != 1)} in the contracts")
        self.found = (*mistakes, *(one for one in found if one.severity is not Severity.ERROR))

    def in_words(self) -> str:
        """As it is recorded: with its code, and what to do about it in a line of its own."""
        hint = f"\n{self.next_step}" if self.next_step else ""
        return f"{self.code} {self.fact}{hint}"

    def diagnostics(self) -> Sequence[Diagnostic]:
        return self.found


class SettingsInvalid(Invalid):
    """`[tool.odmd]` or an option says something that cannot be."""

    code = "ODMD003"


class NotInRun(Invalid, LookupError):
    """A service's CDK app asks for something that its run document does not hold."""

    code = "ODMD004"


class EnverUnknown(Invalid, LookupError):
    """A command names an enver or a product that is not there."""

    code = "ODMD101"


class NotYetCarriedOut(Refused):
    """The contracts say something that this release can check and draw, and cannot deploy."""

    code = "ODMD102"


class PlanOutdated(Refused):
    """What the plan was derived from has moved."""

    code = "ODMD103"


class StateInUse(Refused):
    """Another process works on the same state."""

    code = "ODMD104"


class StateUnreadable(Failed):
    """The state folder is not one, is damaged, or belongs to another release."""

    code = "ODMD105"


class NotConfirmed(Refused):
    """Nobody said yes to a plan."""

    code = "ODMD106"


class NotCommitted(Refused):
    """The contracts have changes that are in no commit, and nobody said that these shall be deployed."""

    code = "ODMD115"


class PolicyUnreadable(Invalid):
    """A file of policies beside the contracts is not Cedar, or has a template."""

    code = "ODMD120"


class PolicyUnfit(Invalid):
    """A policy speaks of something in a way in which there is nothing: another attribute, type or action."""

    code = "ODMD121"


class PolicyNamesUnknown(Invalid):
    """A policy names a team, stage, repo, build, enver or wire that the contracts do not have."""

    code = "ODMD122"


class PoliciesLockOut(Refused):
    """With these policies nobody could change policies any more, or put contracts in force."""

    code = "ODMD123"


class PolicyTestsFailed(Refused):
    """Policies decide otherwise than the tests beside them say."""

    code = "ODMD124"


class PoliciesAbsent(Refused):
    """There is no policy to ask about: what a token's scope and teams say is all."""

    code = "ODMD125"


class NotAllVisible(Refused):
    """What was asked for reaches envers that whoever asks may not see."""

    code = "ODMD126"


class FileRefused(Failed, OSError):
    """The machine does not let a file or folder be read, made or written."""

    code = "ODMD116"


class TextUnfit(Invalid):
    """A text has half of a character, or a zero byte, so that no file, database or program can be given it."""

    code = "ODMD043"


class NothingDeployed(Refused):
    """There is no recorded state to read."""

    code = "ODMD107"


class DemoRefused(Refused):
    """The demo would overwrite what it did not make, or its example is not there."""

    code = "ODMD108"


class DemoFailed(Failed):
    """The demo's system did not do what it should show."""

    code = "ODMD109"


class Interrupted(Failed):
    """The user stopped a deployment; it is taken up again later, as after kill -9."""

    code = "ODMD110"
    exit_code = 130


class RepositoryUnreachable(FailedForNow):
    """A repository does not exist, or cannot be read now."""

    code = "ODMD201"


class RevisionNotFound(Failed, LookupError):
    """The repository has no such branch, tag or commit."""

    code = "ODMD202"


class BucketOfAnother(Refused):
    """The bucket into which an app's assets would go belongs to another account."""

    code = "ODMD248"


class SchemasBroken(Refused):
    """A plan would break who runs beside it: a message, an item or an API is no longer what its reader relies on."""

    code = "ODMD246"


class CommitAmbiguous(Invalid, LookupError):
    """Several commits of a build that were deployed begin as somebody typed it."""

    code = "ODMD247"


class DocumentUnknown(Failed, LookupError):
    """An enver has no document of that name, as far as documents are kept."""

    code = "ODMD252"


class ReportsUnknown(Failed, LookupError):
    """No run of an enver left reports of its checks, as far as they are kept."""

    code = "ODMD294"


class AnotherAnswerHeld(Refused):
    """Somebody holds an answer for a deployment that this one would break, or be broken by."""

    code = "ODMD250"


class TagMoved(RevisionNotFound):
    """A tag that an enver runs points to another commit now: what it ran at first is what it stays at."""

    code = "ODMD249"


class CheckoutIncomplete(Failed):
    """A commit refers to what cannot be had: a submodule that is nowhere, or files in Git LFS."""

    code = "ODMD237"


class ToolMissing(Failed):
    """A program that a run needs is not on this machine."""

    code = "ODMD203"


class FormatMissing(ToolMissing):
    """A schema is in a language whose library is not installed."""

    code = "ODMD251"


class ResourceNotOurs(Refused):
    """A resource that is recorded as an enver's does not carry its tag."""

    code = "ODMD245"


class NotCaged(Refused):
    """Foreign code is to run in a cage only, and this machine has none."""

    code = "ODMD244"


class AppFailed(Failed):
    """A service's CDK app ended with an error, or wrote no cloud assembly."""

    code = "ODMD204"


class CdkJsonWrong(AppFailed):
    """An app's cdk.json or cdk.context.json is missing, is no JSON, or says what cannot be."""

    code = "ODMD234"


class AppNotStarted(AppFailed):
    """The operating system does not start an app: its command or its variables are too long, or hold a zero byte."""

    code = "ODMD235"


class AppOverLimit(AppFailed):
    """An app took more memory, processes, time or room on the disk than the settings allow, and was ended."""

    code = "ODMD227"


class FileUnfit(Failed):
    """What a service or its app wrote is no file that anybody reads: a pipe, too large, JSON too deep, a link out."""

    code = "ODMD228"


class DiskFull(FailedForNow):
    """The disk of the machine that carries out the run has no room left."""

    code = "ODMD229"


class LookupsUnresolved(Failed):
    """The cloud assembly has context lookups that nobody answered."""

    code = "ODMD205"


class LookupFailed(Failed, LookupError):
    """A lookup that an app asks for finds nothing, more than one thing, or what is no place for a template."""

    code = "ODMD239"


class LookupNotMade(Failed):
    """A lookup that an app asks for is of a provider that odmd does not know, or about another account or region."""

    code = "ODMD240"


class PublishedWrong(Failed):
    """An enver publishes too little, what it never declared, or a value that is not of its kind."""

    code = "ODMD206"


class ValueTooLong(PublishedWrong):
    """An enver publishes a value that is longer than a consumer can take: 4,096 bytes."""

    code = "ODMD236"


class UnitFailed(Failed):
    """What a run brings about could not be carried out."""

    def __init__(self, fact: str, *, next_step: str = "", place: Place | None = None, clean: bool = True) -> None:
        """`clean`: what ran before surely runs still, be it that nothing ran."""
        super().__init__(fact, next_step=next_step, place=place)
        self.clean = clean


class StackFailed(UnitFailed):
    """CloudFormation could not bring a stack to its template; the failing resource's reason is in the fact."""

    code = "ODMD207"


class CommandFailed(UnitFailed):
    """A command of an enver ended with an error, or could not be started."""

    code = "ODMD253"


class ApprovalNeeded(Refused):
    """A run stopped before something that people have to allow; it goes on when somebody approves exactly that."""

    def __init__(self, fact: str, *, digest: str, next_step: str = "", place: Place | None = None) -> None:
        """`digest`: of all that an approval is bound to."""
        super().__init__(fact, next_step=next_step, place=place)
        self.digest = digest


class DataWouldBeLost(ApprovalNeeded):
    """A change set would replace or remove what holds data; it goes on when somebody approves that."""

    code = "ODMD208"


class ChangesToApprove(ApprovalNeeded):
    """Nothing is lost, but its stage has all that a run would change approved; it goes on when that is done."""

    code = "ODMD135"


class UnitNotOurs(ApprovalNeeded):
    """A stack of that name is there already, and no enver made it; it is adopted when somebody approves that."""

    code = "ODMD213"


class UnitOfAnotherState(UnitNotOurs):
    """Another state manages the stack, or nobody knows which one does; it is taken over when somebody approves that."""

    code = "ODMD214"


class StackStuck(StackFailed):
    """A stack is in a status in which CloudFormation takes no change of it, or that this release does not know."""

    code = "ODMD215"


class CloudUnreachable(FailedForNow):
    """AWS (or the emulator) does not answer, or is too busy to."""

    code = "ODMD209"


class CredentialsRefused(CloudUnreachable):
    """The credentials are missing, expired, or another account's; they are read again when they were renewed."""

    code = "ODMD218"


class CloudRefused(Failed):
    """AWS refuses for good what was asked: rights, quotas, protection, a wrong value; its words are in the fact."""

    code = "ODMD219"


class NotBootstrapped(Refused):
    """The account and region lack a bucket or a parameter that `cdk bootstrap` makes, and that the app names."""

    code = "ODMD210"


class BootstrapTooOld(Refused):
    """The account was bootstrapped for CDK at an earlier version than the app needs."""

    code = "ODMD238"


class RecipeUnfit(Failed):
    """What is stored of an earlier run cannot be carried out for this enver."""

    code = "ODMD254"

    def __init__(
        self,
        fact: str,
        *,
        next_step: str = "the next run makes another recipe: `odmd apply`",
        place: Place | None = None,
    ) -> None:
        super().__init__(fact, next_step=next_step, place=place)


class PackageUnfit(Failed):
    """A package cannot be built, or what is built is not the one that its enver publishes."""

    code = "ODMD260"


class VersionTaken(Refused, UnitFailed):
    """The index, or registry, has this version of the package already, with other content."""

    code = "ODMD261"


class VersionTooLow(Refused):
    """The package promises less than what was published, or nobody can tell, and its version does not say so."""

    code = "ODMD262"


class IndexUnreachable(UnitFailed, FailedForNow):
    """A package index, or registry, does not answer, or not as those do."""

    code = "ODMD263"


class UploadRefused(UnitFailed):
    """A package index, or registry, takes no upload, or does not have afterwards what was uploaded."""

    code = "ODMD264"


class ArtifactMissing(Failed):
    """What a run consumes is not there, or not for who reads it: a version of a package. Nothing was changed."""

    code = "ODMD280"

    @classmethod
    def of_package(cls, text: str, consumed: str, registry: str) -> ArtifactMissing:
        """A package that an input names."""
        return cls(
            f"{text}, which is consumed as `{consumed}`, is not in {registry}, or not for who carries out runs",
            next_step="deploy its producer again (`odmd apply`), or see who took it away and who may read there",
        )


class ReferenceInvalid(Invalid):
    """What is given where a reference to a secret belongs is none; it may be a secret's text, and is not shown."""

    code = "ODMD285"


class SecretMissing(Failed):
    """A secret that a run needs is not where it is bound to, or may not be used. Nothing was changed."""

    code = "ODMD286"

    @classmethod
    def of(cls, reference: str, standing: str, why: str = "") -> SecretMissing:
        """One that its store was asked for."""
        return cls(
            f"secret {reference} is {standing}{f': {why}' if why else ''}",
            next_step="put it there, let who carries out runs read it, or bind another one: `odmd secret bind`",
        )


class SecretStoreUnreachable(FailedForNow):
    """The store of a secret does not answer: runs that need the secret wait, others go on."""

    code = "ODMD287"
    waits = True


class SecretNotBound(Refused):
    """An enver needs a secret, and nobody said where it is."""

    code = "ODMD288"

    @classmethod
    def of(cls, enver: str, names: Sequence[str]) -> SecretNotBound:
        """All of one enver at once, with the commands that bind them."""
        several = len(names) != 1
        return cls(
            f"{enver} needs secret{'s' * several} {', '.join(names)}, "
            f"and nobody said where {'they are' if several else 'it is'}",
            next_step="; ".join(f"odmd secret bind {enver} {name} REFERENCE" for name in names),
        )


class SecretRotated(Failed):
    """The version of a secret that a run was planned with cannot be had any more; the next plan takes the new one."""

    code = "ODMD289"

    @classmethod
    def of(cls, reference: str) -> SecretRotated:
        """One whose store has another version by now."""
        return cls(
            f"secret {reference} was rotated, and its store does not have the version any more that was planned with",
            next_step="plan with the new one: `odmd secret rotate-seen`",
        )


class SecretUnfit(Failed):
    """A secret is there, and a run cannot be given it: it is no text, too short to be hidden, or has no such field."""

    code = "ODMD241"


class SecretShown(PublishedWrong):
    """A run publishes, or keeps for its next attempt, what has a secret's text in it."""

    code = "ODMD242"

    @classmethod
    def of(cls, enver: str, what: str) -> SecretShown:
        """What has it, never how."""
        return cls(
            f"{enver} would show a secret's text to whoever may see {what}, so nothing of it is kept",
            next_step="let its program keep the text to itself: publish where it is, and not what it is",
        )


class SecretUnreadable(Failed):
    """A store tells nobody the texts of its secrets, and the build type needs one."""

    code = "ODMD243"


class NeedsMissing(Failed):
    """More than one thing that a run needs is missing; all are listed, with what mends each. Nothing was changed."""

    code = "ODMD050"

    def __init__(self, whose: str, missing: Sequence[OdmdError]) -> None:
        listed = [f"{one.code} {one.fact}{f' → {one.next_step}' if one.next_step else ''}" for one in missing]
        super().__init__(
            "\n  ".join([f"{len(missing)} things that {whose} needs are missing; nothing was changed:", *listed]),
            next_step="mend each of them, then `odmd apply`; `odmd preflight` looks again",
        )
        self.missing = tuple(missing)

    def in_words(self) -> str:
        """As it is recorded: with its code, and what to do about it in a line of its own."""
        hint = f"\n{self.next_step}" if self.next_step else ""
        return f"{self.code} {self.fact}{hint}"

    def diagnostics(self) -> Sequence[Diagnostic]:
        return tuple(each for one in self.missing for each in one.diagnostics())


class NotThere(Failed):
    """What a run's inputs or its templates refer to is not there, or not good: a value, an export, a certificate."""

    code = "ODMD051"


class QuotaReached(Failed):
    """An account has no room for what a run would make."""

    code = "ODMD052"


class NameOfAnother(Failed):
    """What a run would make has a name that somebody else's has."""

    code = "ODMD053"


class RightLacking(Failed):
    """Whoever carries out runs, or uses what they bring about, may not do what has to be done."""

    code = "ODMD054"


class ImageUnfit(Failed):
    """An image cannot be built of what the contract names, or what was built is no image."""

    code = "ODMD265"


class ImageDiffers(UnitFailed):
    """A registry has other content than was pushed there: under a digest, or under a tag that never moves."""

    code = "ODMD266"


class RepositoryOfAnother(Refused):
    """The repository of images is another build's, or was not made by odmd."""

    code = "ODMD267"


class ImagesUnreachable(UnitFailed, FailedForNow):
    """A registry of images does not answer, is busy, or does not answer as registries do."""

    code = "ODMD268"


class PushRefused(UnitFailed):
    """A registry takes no image: rights, quotas, or a rule of its own."""

    code = "ODMD269"


class ImageVulnerable(UnitFailed):
    """The scan of an image finds what the settings refuse, or does not end; nobody is told of that image."""

    code = "ODMD333"


class ManifestsUnfit(RecipeUnfit):
    """Manifests cannot be read, are not the enver's own to bring about, or do not take its inputs."""

    code = "ODMD270"


class FieldsOfOthers(Refused, UnitFailed):
    """Somebody else manages fields in the cluster that the manifests say, too."""

    code = "ODMD271"


class RolloutPaused(Refused, UnitFailed):
    """Somebody paused what a release would change in its cluster, so that nothing new would serve."""

    code = "ODMD225"


class ClusterUnreachable(UnitFailed, FailedForNow):
    """A cluster does not answer, or is too busy to."""

    code = "ODMD272"


class ClusterRefused(UnitFailed):
    """A cluster refuses what was asked of it: rights, a kind that it does not have; its words are in the fact."""

    code = "ODMD273"


class ManifestRefused(ClusterRefused):
    """A cluster does not take a manifest: a field is wrong or may not change, or a webhook rejects it."""

    code = "ODMD274"


class RolloutFailed(UnitFailed):
    """What was brought into a cluster does not serve; why its pods do not run is in the fact."""

    code = "ODMD275"


class ClusterSignInRefused(ClusterUnreachable):
    """A cluster does not know who signs in, or nobody knows how to sign in there."""

    code = "ODMD276"


class ConfigLacking(Invalid):
    """An enver's config is not all there, or not of its type; it stays as it is until it is."""

    code = "ODMD334"


class ConfigUnreadable(Invalid):
    """What somebody wrote as settings is no document."""

    code = "ODMD335"


class LayerMoved(Refused):
    """Somebody else edited the same layer of settings meanwhile."""

    code = "ODMD336"


class ConfigRefused(Invalid):
    """An edit of settings is of a layer, a config or a field that there is not, or not of its type."""

    code = "ODMD277"


class LayerUnknown(ConfigRefused, LookupError):
    """A layer of settings is of a stage, build or enver that the contracts do not have."""

    code = "ODMD076"


class KeyMissing(Failed):
    """A key, of sealed settings or of anchors of the log, is not the one here, or cannot be had."""

    code = "ODMD278"


class SettingsUnreachable(FailedForNow):
    """Where settings are kept cannot be reached; what needs none goes on."""

    code = "ODMD279"


class ConfigInUse(Refused):
    """An edit takes away what envers have now, and need."""

    code = "ODMD281"


class SettingsDamaged(Failed):
    """Sealed settings are not as they were written."""

    code = "ODMD282"


class StoreReadOnly(Refused):
    """Settings are kept where odmd does not write: they are edited there."""

    code = "ODMD283"


class ConfigTooLarge(Invalid):
    """Config does not fit into what carries it."""

    code = "ODMD284"


class ConfigShown(Failed):
    """Sensitive config would stand where many read it: in an image, or in a manifest. Nothing was changed."""

    code = "ODMD075"


class RoleNotTaken(Failed):
    """The role of a run is not there, or does not trust who carries the run out."""

    code = "ODMD171"


class RolesUnfit(Refused):
    """More is needed than AWS takes of a role or a boundary, or it is in the way of another organisation's."""

    code = "ODMD172"


class PlaceUnknown(Invalid, LookupError):
    """No enver of the contracts lives in this account and region."""

    code = "ODMD173"


class RolesMoved(Refused):
    """What an account has is not any more what was shown; nothing was changed."""

    code = "ODMD174"


class RoleUnknown(Invalid, LookupError):
    """The contracts need no role of this name."""

    code = "ODMD175"


class AssetForeign(Refused):
    """What is in the account's bucket under the name of an asset is something else than the app has."""

    code = "ODMD176"


class AssemblyUnfit(RecipeUnfit):
    """The cloud assembly asks for what cannot be: what is others', a name twice, roles, images, more than AWS takes."""

    code = "ODMD211"


class AppObjects(Refused):
    """The app itself says that it is wrong, by an error annotation of a construct or a policy (cdk-nag) of its own."""

    code = "ODMD222"


class AssetUnfit(Failed):
    """The cloud assembly names a file that is outside of it, is not there, or cannot be uploaded."""

    code = "ODMD223"


class EnvironmentNotMade(Failed):
    """The environment that an app's lock file names cannot be made."""

    code = "ODMD230"


class RegistryUnreachable(FailedForNow):
    """The registry that an app's dependencies come from does not answer."""

    code = "ODMD231"


class LockMissing(Refused):
    """An app has no lock file, and the settings demand one."""

    code = "ODMD232"


class RunCancelled(Refused):
    """Somebody cancelled the run before it moved anything."""

    code = "ODMD212"


class DatabaseUnreachable(FailedForNow):
    """The database server does not answer, is starting or stopping, or has no connection left."""

    code = "ODMD315"


class DatabaseRefused(Failed):
    """The database server turns us away, or takes nothing in.

    User, password, rights or the database's name are wrong, or it only reads, or its disk is full."""

    code = "ODMD316"


class LeadershipLost(FailedForNow):
    """Another process leads now, or may: this one could not renew its term, and commits nothing any more."""

    code = "ODMD317"


class CloneRefused(Refused):
    """Clones cannot be made, kept or deleted as somebody wants."""

    code = "ODMD180"


class PinRefused(Refused):
    """An enver cannot be held at an earlier run: its inputs are gone, or the run never succeeded."""

    code = "ODMD112"


class NothingAsked(Refused):
    """There is no open question about the enver, or not the one that was answered."""

    code = "ODMD113"


class PlanUnusable(Refused):
    """A stored plan was edited, is of another organisation or of a newer format, or its digest is ambiguous."""

    code = "ODMD114"


class InitRefused(Refused):
    """`odmd init` would overwrite something, or cannot use a name or a folder."""

    code = "ODMD111"


class ServerUnreachable(FailedForNow):
    """Nothing answers at the server's URL, or the connection broke."""

    code = "ODMD301"


class ProofRefused(Refused):
    """Who asked for a session proved nobody who is let in; the server's log says why, and who asked is not told."""

    code = "ODMD066"


class IdentityUnknown(Invalid, LookupError):
    """The server lets nobody in by this kind of identities, or by several, and nothing says which is meant."""

    code = "ODMD067"


class SignInFailed(Failed):
    """Whoever knows who you are did not say so: he refused, did not answer in time, or is not to be had here."""

    code = "ODMD068"


class SessionUnknown(Invalid, LookupError):
    """There is no session with this id that is yours to end."""

    code = "ODMD069"


class ConfigWrittenByHand(Refused):
    """Where a service reads its config live stands what this state did not write, and it would be lost."""

    code = "ODMD070"


class NotSignedIn(Refused):
    """The server wants a token, and got none, or one that is unknown, expired or revoked; it does not say which."""

    code = "ODMD302"


class WebhookUnsigned(Refused):
    """Whoever sent a webhook does not know the secret of this server; nothing in it was looked at."""

    code = "ODMD255"


class HostUnreachable(FailedForNow):
    """The host of repositories does not answer, or what it answers makes no sense."""

    code = "ODMD350"


class HostBusy(FailedForNow):
    """The host of repositories takes no more requests for a while."""

    code = "ODMD351"

    def __init__(self, fact: str, seconds: float, *, next_step: str = "") -> None:
        super().__init__(fact, next_step=next_step)
        self.seconds = seconds
        """After which it takes them again."""


class HostRefused(Refused):
    """The host of repositories says no: a right is missing, or what was asked for does not fit."""

    code = "ODMD352"


class HostLacks(Refused, LookupError):
    """The host of repositories has no such thing, or does not show it to this App."""

    code = "ODMD353"


class HostUnknown(Refused):
    """odmd is known at no host of repositories as an App yet, or the App is not installed."""

    code = "ODMD354"


class HostNotJoined(Failed):
    """Making the App came to no end: nobody clicked, or the host did not give it."""

    code = "ODMD355"


class CommandUnclear(Refused):
    """A command in a comment is none, or lacks something, or is about what is not there."""

    code = "ODMD364"


class ContractsWait(Refused):
    """Merged contracts are put in force by somebody who may, and not by themselves: they break who consumes something,
    or change who may do what."""

    code = "ODMD365"


class NotAllowed(Refused):
    """The token is not good for this; the server says so before it looks whether what was asked for is there."""

    code = "ODMD303"


class RequestInvalid(Invalid):
    """A request to the server is not what the API takes."""

    code = "ODMD304"


class NothingThere(Invalid, LookupError):
    """The server has nothing at this address."""

    code = "ODMD305"


class RequestTooLarge(Invalid):
    """The body of a request is larger than the server reads."""

    code = "ODMD306"


class KeyReused(Refused):
    """An idempotency key came before, with another request."""

    code = "ODMD307"


class BackupUnusable(Refused):
    """The state cannot be copied to there, or what is there cannot be put in its place."""

    code = "ODMD321"


class NotAnswered(FailedForNow):
    """The server took the message and has not decided yet; the same request with the same key tells what came of it."""

    code = "ODMD308"


class NotLeading(FailedForNow):
    """The server waits to lead: another one does so now, or one is being elected."""

    code = "ODMD318"


class ContractsDiffer(Refused):
    """The agent has other contracts than those in force."""

    code = "ODMD319"


class ClaimRefused(Refused):
    """The run is not to be had, or not any more: it ended, or another agent has the right to it."""

    code = "ODMD320"


class TrailRefused(Invalid, LookupError):
    """What was looked for in the log cannot be there: no event, value or commit is called so."""

    code = "ODMD130"


class NothingRan(Invalid, LookupError):
    """What is to be compared, or looked for, did not run then, or is not kept any more."""

    code = "ODMD193"


class CompareRefused(Invalid, ValueError):
    """There is nothing that could differ: one enver at one time, or a time that is not yet."""

    code = "ODMD194"


class WhereUnknown(Invalid, LookupError):
    """Nothing that is recorded, and no repository that can be read, knows such a commit, branch, tag or value."""

    code = "ODMD195"


class WhereAmbiguous(Refused):
    """A commit, branch or tag is in several repositories, or there are too many to look into."""

    code = "ODMD196"


class LogBroken(Failed):
    """The log is not what it was when it was written, or an anchor of it is not what was signed."""

    code = "ODMD131"


class AnchorsUnsaid(Refused):
    """Nothing says where anchors of the log are written, or by which key they are signed."""

    code = "ODMD132"


class VerificationRed(Failed):
    """An enver was deployed, and what verifies it did not pass, or was left out: nothing of it is published."""

    code = "ODMD151"


class NothingToVerify(Refused):
    """Nothing verifies an enver, or nobody knows what it runs."""

    code = "ODMD152"


class SuiteUnfit(Invalid):
    """Tests that somebody wants to be made of an enver cannot be: their path is none of its repository, or more."""

    code = "ODMD356"


class ExperimentInvalid(Invalid):
    """An experiment's file or options say something that nobody can try."""

    code = "ODMD357"


class ExperimentRefused(Refused):
    """An experiment cannot be carried out so now: nothing would prove anything, or something else is to be deployed."""

    code = "ODMD358"


class ServeRefused(Refused):
    """The server would be open to others without sign-in, or cannot have its address."""

    code = "ODMD309"


class ServerBusy(FailedForNow):
    """The server has too much to do, stops, or cannot write to its database now."""

    code = "ODMD310"


class ServerMisunderstood(Failed):
    """What answers at the URL is no odmd server, or one of another release."""

    code = "ODMD311"


class PositionUnknown(Refused):
    """The event stream cannot go on there: the log has no such position, or is another organisation's."""

    code = "ODMD312"


class MomentOver(Refused):
    """A time until which something should last is over."""

    code = "ODMD314"


class TokenUnknown(Invalid, LookupError):
    """There is no token with this id."""

    code = "ODMD313"


class NotTheApprover(Refused):
    """What an enver asks is for another team, or an admin, to answer."""

    code = "ODMD322"


class OfferMoved(Refused):
    """What was to be answered is asked no more: an enver asks about something newer."""

    code = "ODMD323"


class TeamUnknown(Invalid, LookupError):
    """No enver is of this team."""

    code = "ODMD324"


class NotTold(Failed):
    """A message to people was not taken by whoever delivers it."""

    code = "ODMD143"


class StillMoving(FailedForNow):
    """What was to be looked at is just being changed: a look now would tell of no state that lasts."""

    code = "ODMD290"


class DriftNotDetected(Failed):
    """CloudFormation could not compare a stack's resources with its template."""

    code = "ODMD291"


class FindingUnknown(Refused):
    """Nothing of that name was found at the enver that is not as it was deployed, or something else is there by now."""

    code = "ODMD296"


class StageUnknown(Invalid):
    """There is no stage of this name."""

    code = "ODMD136"


class ReasonMissing(Invalid):
    """This is not done without a reason, which stands in the log."""

    code = "ODMD137"


class ClaimNotYours(Refused):
    """An attempt at a run, or an agent's name, belongs to who claimed it: with the same token, and the same secret."""

    code = "ODMD330"


class QuotaExceeded(Refused):
    """A run would hand in more than the server takes from one."""

    code = "ODMD331"


class WriteUnmarked(Refused):
    """A write without a body lacks the header that a page of another site cannot send."""

    code = "ODMD332"


class RunNotPrepared(Failed):
    """Where a run is deployed its recipe is taken over, and there is none: another process has to make it first."""

    code = "ODMD298"


class PackageNotInstalled(RevisionNotFound):
    """A package that a build is made of is not installed where it is looked for."""

    code = "ODMD359"


class OtherVersionInstalled(RevisionNotFound):
    """What is installed of a package is not what was planned: another version, or other files under the same one."""

    code = "ODMD360"


class PackageHasNoBranches(RevisionNotFound):
    """Somebody asks a package for what only repositories have: branches, tags, commits before it."""

    code = "ODMD361"


class SourceUnclear(ContractsNotLoaded):
    """A build has both a repository and a package that it is made of, or neither."""

    code = "ODMD362"
