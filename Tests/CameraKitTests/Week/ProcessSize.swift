// SPDX-License-Identifier: MIT

import Foundation

/// What this process has of the machine.
struct ProcessSize: CustomStringConvertible {
    /// Memory that is its own: neither of a file nor shared.
    let anonymousBytes: Int
    let descriptors: Int
    let threads: Int

    /// Reads it from proc(5).
    init() throws {
        let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
        func number(_ key: String) -> Int {
            let words = lines.first { $0.hasPrefix(key) }?.split(whereSeparator: \.isWhitespace) ?? []
            return words.dropFirst().first.flatMap { Int($0) } ?? 0
        }
        anonymousBytes = number("RssAnon:") * 1024
        threads = number("Threads:")
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    /// The least of each; nil of none.
    init?(leastOf sizes: some Collection<ProcessSize>) {
        guard let memory = sizes.map(\.anonymousBytes).min(), let descriptors = sizes.map(\.descriptors).min(),
            let threads = sizes.map(\.threads).min()
        else { return nil }
        (anonymousBytes, self.descriptors, self.threads) = (memory, descriptors, threads)
    }

    var description: String { "\(anonymousBytes / 1024) KiB, \(descriptors) descriptors, \(threads) threads" }
}
