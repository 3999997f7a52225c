// SPDX-License-Identifier: MIT

package import Foundation

/// Whether samples are those that a program of this machine decoded from the same movie.
///
/// They must be the same bytes. Where another processor is emulated, libavcodec's code for it rounds some samples of JPEG and
/// MPEG-4 differently from the program's: there they must be within 50 dB, which nobody sees.
package func areDecodedAlike(_ found: Data, _ expected: Data) -> Bool {
    guard Machine.isEmulated, found.count == expected.count else { return found == expected }
    let squares = zip(found, expected).reduce(0) { sum, pair in
        let difference = Int(pair.0) - Int(pair.1)
        return sum + difference * difference
    }
    // 50 dB are a mean square of 255² / 100,000.
    return Double(squares) <= Double(found.count) * 255 * 255 / 100_000
}
