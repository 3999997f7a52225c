// SPDX-License-Identifier: MIT

internal import CameraCore

extension Resolution {
    /// How many sizes a message has room for.
    private static let mostListed = 8

    /// Sizes in words, the smallest first; of many, those nearest to a size.
    static func listing(of sizes: Set<Resolution>, near size: Resolution) -> String {
        let nearest = sizes.sorted { $0.distance(from: size) < $1.distance(from: size) }.prefix(mostListed)
        let words = nearest.sorted { ($0.pixelCount, $0.width) < ($1.pixelCount, $1.width) }.map(\.description)
        let rest = sizes.count - words.count
        return words.joined(separator: ", ") + (rest == 0 ? "" : " and \(rest) more, which 'camera list' shows")
    }

    private func distance(from other: Resolution) -> Int {
        abs(width - other.width) + abs(height - other.height)
    }
}
