// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

/// Looks every two milliseconds whether something has become true, for at most a minute.
///
/// A machine on which a look takes long is given a hundred of them all the same.
///
/// - Returns: Whether it has; tests expect it.
public func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Timestamp.now + .seconds(60)
    var looks = 0
    while looks < 100 || Timestamp.now < deadline {
        if try condition() { return true }
        looks += 1
        usleep(2000)
    }
    return false
}
