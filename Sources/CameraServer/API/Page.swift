// SPDX-License-Identifier: MIT

/// A page for browsers: the live page, or one of the program's own.
enum Page {
    static func response(_ html: [UInt8]) -> HTTPResponse {
        HTTPResponse(200, fields, body: .bytes(html))
    }

    private static let fields: [(name: String, value: String)] = [
        ("Content-Type", "text/html; charset=utf-8"),
        // A page is all in one file, asks nobody else, and stands in no other page.
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self' blob: data:; "
                + "media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        ),
    ]
}
