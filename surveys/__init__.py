"""Asking and understanding: consultations, questionnaires, responses, results."""
