// SPDX-License-Identifier: MIT

import CameraServer
import Testing

@Suite struct MessageDigestTests {
    private static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private static let blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

    @Test(
        "MD5 of RFC 1321's messages",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (alphabet, "d174ab98d277d9f5a5611c2c9f419d9f"),
            (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
        ])
    func md5(_ text: String, _ digest: String) {
        #expect(MessageDigest.hex(MessageDigest.md5(Array(text.utf8))) == digest)
    }

    @Test(
        "SHA-1 of RFC 3174's messages",
        arguments: [
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (blocks, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
            (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
            (String(repeating: "01234567", count: 80), "dea356a2cddd90c7a7ecedc5ebb563934f460452"),
        ])
    func sha1(_ text: String, _ digest: String) {
        #expect(MessageDigest.hex(MessageDigest.sha1(Array(text.utf8))) == digest)
    }

    @Test(
        "SHA-256 of RFC 6234's messages",
        arguments: [
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (blocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
            (
                String(repeating: "01234567", count: 80),
                "594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5"
            ),
        ])
    func sha256(_ text: String, _ digest: String) {
        #expect(MessageDigest.hex(MessageDigest.sha256(Array(text.utf8))) == digest)
    }
}
