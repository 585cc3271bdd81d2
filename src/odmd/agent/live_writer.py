"""Writes config to where services read it, and puts back what stood there when a run fails that moved nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from odmd.control.ports.world import Mirror
from odmd.control.running.live_config import LiveConfig
from odmd.control.running.procedures import Tell
from odmd.errors import ConfigWrittenByHand
from odmd.graph import EnverNode
from odmd.model import naming
from odmd.model.targets import Target


class LiveWriter:
    """Of one attempt at a run; one SSM parameter a config, in the enver's account."""

    def __init__(self, enver: EnverNode, target: Target, config: LiveConfig, parameters: Mirror, tell: Tell) -> None:
        self._enver, self._config, self._parameters, self._tell = enver, config, parameters, tell
        self._target = target
        self._before: dict[str, str | None] = {}

    @property
    def wrote(self) -> bool:
        """Whether something else stands there than when the attempt began."""
        return bool(self._before)

    def write(self, name: str) -> Mapping[str, object]:
        """What stands there already is left as it is.

        Raises:
            ConfigWrittenByHand: what is there is of somebody else, and would be lost.
            CloudUnreachable, CloudRefused, CredentialsRefused
        """
        wanted, path = self._config.write[name], self._path(name)
        held = self._parameters.held(path, self._target)
        if held == wanted.text:
            return {"written": False}
        if held is not None and held not in wanted.known:
            return self._leave(name, path, stays=wanted.stays)
        self._before[path] = held
        self._parameters.put(path, wanted.text, self._target)
        self._tell(f"config {name}: written to {path}", lasting=True)
        return {"written": True}

    def clear(self, name: str) -> Mapping[str, object]:
        """Removes what no service reads any more.

        Raises:
            CloudUnreachable, CloudRefused, CredentialsRefused
        """
        path = self._path(name)
        self._parameters.clear(path, self._target)
        self._tell(f"config {name}: {path} is removed", lasting=True)
        return {}

    def put_back(self) -> None:
        """As it was when the attempt began.

        Raises:
            CloudUnreachable, CloudRefused, CredentialsRefused: some of it is not.
        """
        for path, text in list(self._before.items()):
            if text is None:
                self._parameters.clear(path, self._target)
            else:
                self._parameters.put(path, text, self._target)
            del self._before[path]
            self._tell(f"{path} is again what it was", lasting=True)

    def _leave(self, name: str, path: str, *, stays: bool) -> Mapping[str, object]:
        label = self._enver.label
        if not stays:
            raise ConfigWrittenByHand(
                f"config {name} of {label}: {path} holds what somebody wrote by hand, and it would be lost",
                next_step=f"`odmd config set {label} {name}.FIELD=VALUE` what is to stay of it, "
                f"`aws ssm delete-parameter --region {self._target.region} --name {path}`, then apply again",
            )
        self._tell(f"config {name}: {path} holds what somebody wrote by hand, and keeps it", lasting=True)
        return {"written": False}

    def _path(self, name: str) -> str:
        return naming.config_path(self._enver.build, self._enver.slot, name)
