"""Telling people: which changes of state deserve a mail, and what the mail says.

Pure: states go in, alerts and texts come out. Sending is the scheduler's task, through its notifiers.
"""
