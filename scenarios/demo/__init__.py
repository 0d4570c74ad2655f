"""示范县, an invented county to judge the tool by, made by a deterministic generator."""
