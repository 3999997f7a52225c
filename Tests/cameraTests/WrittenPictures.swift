// SPDX-License-Identifier: MIT

import Foundation
import TestSupport

/// The pictures of a recording by its file of times, counted from the first one: a camera's frames may be dropped, those that were
/// written are to be there.
struct WrittenPictures {
    let numbers: [Int]

    /// Reads the file of a recording at so many frames a second.
    init(_ file: URL, at rate: Int = Machine.quickFrameRate) throws {
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
        numbers = lines.compactMap(Double.init).map { Int(($0 * Double(rate) / 1000).rounded()) }
    }
}
