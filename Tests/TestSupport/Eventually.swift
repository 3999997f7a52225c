// SPDX-License-Identifier: MIT

internal import Glibc

/// Looks every two milliseconds whether something has become true, for at most half a minute.
///
/// - Returns: Whether it has; tests expect it.
public func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<15_000 {
        if try condition() { return true }
        usleep(2000)
    }
    return false
}
