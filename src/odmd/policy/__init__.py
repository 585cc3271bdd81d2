"""Who may do what, by the policies that stand beside the contracts: Cedar, asked with facts, answers with a verdict.

Pure: it knows the graph and who asks, no state and no server. What no policy can widen (what a token is good for, whom
a gate waits for) is looked at before, in `control/scheduler/may`.
"""
