// SPDX-License-Identifier: MIT

import CameraKit
import Glibc
import Synchronization

/// Figures that the program that runs this one reads, on descriptor 3.
enum Report {
    static func tell(_ figures: [String: Double]) {
        var lines = figures.map { "\($0)=\($1)\n" }.joined()
        lines.withUTF8 { _ = write(3, $0.baseAddress, $0.count) }
    }
}

/// Counts what is written to it, and throws it away.
final class Sink: Output {
    private let count = Atomic(0)
    var bytes: Int { count.load(ordering: .relaxed) }

    func write(_ bytes: RawSpan, _ info: PacketInfo) {
        count.add(bytes.byteCount, ordering: .relaxed)
    }
}
