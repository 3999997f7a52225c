// SPDX-License-Identifier: MIT

import Foundation

/// What the tests run on.
public enum Machine {
    /// Whether another processor is emulated (EMULATED in the environment), beside programs of the real one that judge.
    public static let isEmulated = ProcessInfo.processInfo.environment["EMULATED"] != nil

    /// Whether the tests and the tool were built with a sanitizer, as `make test-sanitizers` does.
    public static let isSanitized = ProcessInfo.processInfo.environment["SANITIZED"] != nil

    /// A rate at which the tool's encoder takes each frame of a small camera: a sanitizer makes it slow.
    public static let quickFrameRate = isSanitized ? 10 : 100
}
