"""`appraise`: judge each included study with the tool that its design asks for."""
