"""What all tests share: no property fails because the machine is slow."""

from hypothesis import Phase, settings

settings.register_profile("odmd", deadline=None)
settings.load_profile("odmd")
settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate])  # the smallest example is for people
