"""Talking to outside services: paced, patient, archived, and never letting a failure look like an empty answer.

`exchange` what is asked and answered; `failures` the named ways in which it goes wrong; `pace` how often, shared by the
processes of one machine; `waits` what a service's headers ask for; `scrub` keeping secrets out of what is kept;
`store` where replies go; `client` the loop that does it all; `talk` what a person sees meanwhile.
"""
