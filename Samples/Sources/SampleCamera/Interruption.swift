// SPDX-License-Identifier: MIT

import Foundation
import Synchronization

/// Whether the user wants a sample to end: by Ctrl-C, or `kill`.
public enum Interruption {
    private static let flag = Atomic(false)

    /// True from the signal on; ``watch()`` comes first.
    public static var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// Makes the two signals ask for the end instead of killing the program, so that it can close its files.
    public static func watch() {
        flag.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] { signal(number) { _ in Interruption.flag.store(true, ordering: .relaxed) } }
    }
}
