"""The State Council's calendar, dated limits, and deadlines that follow from both."""
