// SPDX-License-Identifier: MIT

/// The live page.
enum Page {
    static let response = HTTPResponse(
        200,
        [
            ("Content-Type", "text/html; charset=utf-8"),
            // The page is all in one file, asks nobody else, and stands in no other page.
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self' blob: data:; "
                    + "media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
            ),
        ], body: .bytes(PackageResources.page_html))
}
