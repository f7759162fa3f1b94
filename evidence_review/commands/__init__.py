"""The verbs: one package each, named as on the command line. A verb never imports another."""
