-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

{"critical":{"type":"atomic container signature","image":{"docker-manifest-digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},"identity":{"docker-reference":"docker.io/acme/app:1"}},"optional":{"creator":"test","timestamp":1458239713}}
-----BEGIN PGP SIGNATURE-----

iIkEARYIADEWIQQhJmPs/gVCJU0WT4cx0hDNZwxpvwUCXgvhABMcc2lnbmVyQGV4
YW1wbGUuY29tAAoJEDHSEM1nDGm/8qkBAJOg98BB8rA5ye6845GdbXRY1UJtMwPO
7RSuMet6OnuBAP4gaiGZIFksszPnWvIS+5tc3NJBR/EGkSEHDWUl1WQ4Cg==
=zRly
-----END PGP SIGNATURE-----
