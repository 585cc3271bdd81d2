"""What all tests share: no property fails because the machine is slow."""

from hypothesis import settings

settings.register_profile("odmd", deadline=None)
settings.load_profile("odmd")
