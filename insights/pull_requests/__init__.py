"""Figures about one pull request, and the choice of the many that a cohort is made of.

Read in this order: events (what happened, in order), drafts and approvals (what that means), stamps (the seven moments),
stages (the spans between them), measurement (all of it for one pull request, kept), population (who belongs to a cohort).
"""
