"""What Tripletex says about keys and configs.

``probe`` asks Tripletex about one key, ``setup`` makes the checks that a config calls for, ``errors``
says what an error from the client means for the user.
"""
