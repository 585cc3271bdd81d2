"""Mail, chats and webhooks, by apprise."""

from odmd.providers.notify.apprised import Apprised

__all__ = ["Apprised"]
