"""Carries out the steps of a run: claim, journal, publish, finish. Whoever claims again goes on where it stopped."""

from odmd.agent.agent import Agent, RunListener
from odmd.agent.log_writer import LogWriter
from odmd.agent.tools import Tools
from odmd.agent.worker import Worker

__all__ = ["Agent", "LogWriter", "RunListener", "Tools", "Worker"]
