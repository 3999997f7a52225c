// SPDX-License-Identifier: MIT

public import Foundation

/// A folder that disappears with the last reference to it.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let url: URL

    /// Makes an empty folder.
    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("swift-camera-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// A file in it, which need not exist.
    public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// The path of a file in it, which need not exist.
    public func path(_ name: String) -> String { file(name).path }

    /// The names of what is in it, sorted.
    public var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
    }
}
