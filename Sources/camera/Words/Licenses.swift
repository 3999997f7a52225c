// SPDX-License-Identifier: MIT

internal import CameraKit

/// What `camera --version` tells: what is compiled in, and under which licences.
enum Licenses {
    private static let version = "0.1.0"

    /// The parts that are no codecs.
    private static let parts: [(name: String, license: String)] = {
        var parts = [
            ("libyuv", "BSD-3-Clause"),
            ("swift-argument-parser, swift-collections, swift-system", "Apache-2.0 WITH Swift-exception"),
        ]
        #if LibCamera
        parts.append(("libcamera, loaded when one of its cameras is asked for", "LGPL-2.1-or-later"))
        #endif
        #if Containers
        parts.append(("libavformat and libavcodec, loaded for movies, containers and streams", "LGPL-2.1-or-later"))
        #endif
        #if Pictures
        parts.append(("libexif for EXIF data", "LGPL-2.1-or-later"))
        #endif
        return parts
    }()

    /// The program's version and one line per part.
    static var text: String {
        var lines = ["camera \(version) (swift-camera, MIT), with"]
        for codec in Codecs.available {
            let name = [codec.name, codec.version].compactMap(\.self).joined(separator: " ")
            let formats = Codecs.available.filter { $0.name == codec.name }.map(\.format.rawValue)
            let line = "  \(name) for \(formats.joined(separator: ", ")): \(codec.license)"
            if !lines.contains(line) { lines.append(line) }
        }
        lines += parts.map { "  \($0.name): \($0.license)" }
        if let codec = Codecs.available.first(where: { $0.license.hasPrefix("GPL") }) {
            lines.append("Because of \(codec.name), this program as a whole is under the \(codec.license).")
        }
        return lines.joined(separator: "\n")
    }
}
