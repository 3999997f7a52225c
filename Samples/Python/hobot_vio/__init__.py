# SPDX-License-Identifier: MIT
"""Programs written for the RDK boards' video modules, on any Linux machine: see libsrcampy."""
