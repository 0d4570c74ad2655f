"""From files to one checked `StudyArea`: tables, units, people, facilities, candidates, streets, in one metric system."""
