import ssl

from odmd.trust import authorities, nobody


def test_authorities_are_read_once_and_asked_for_the_name_of_who_answers():
    assert authorities() is authorities()
    assert (authorities().verify_mode, authorities().check_hostname) == (ssl.CERT_REQUIRED, True)
    assert authorities().get_ca_certs()


def test_nobody_is_trusted_where_nothing_is_encrypted():
    assert (nobody().verify_mode, nobody().get_ca_certs()) == (ssl.CERT_REQUIRED, [])
