// SPDX-License-Identifier: MIT

package import CameraCore
internal import Glibc

/// Brings libcamera's times to the monotonic clock.
///
/// libcamera documents its sensor time-stamps on the clock that also counts while the machine sleeps (CLOCK_BOOTTIME);
/// most of its drivers pass on the kernel's, which are monotonic. The two differ by the time slept since the start.
package struct LibCameraClock: Sendable {
    /// How far the boot-time clock is ahead.
    package let timeSlept: Duration
    /// The present moment on the monotonic clock.
    package let now: Timestamp

    package init(timeSlept: Duration, now: Timestamp) {
        self.timeSlept = timeSlept
        self.now = now
    }

    /// The clocks of this moment.
    package static var present: LibCameraClock {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        let now = Timestamp.now
        let boot = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        return LibCameraClock(timeSlept: .nanoseconds(max(boot - now.nanoseconds, 0)), now: now)
    }

    /// A moment of one of the two clocks on the monotonic one: the later of the two that is not in the future.
    ///
    /// A frame is a fraction of a second old when it arrives, so what lies ahead by more than half the time slept can
    /// only be boot time. The time between reading the two clocks does not count: less than a second slept is none.
    package func monotonic(_ nanoseconds: Int64) -> Timestamp {
        let moment = Timestamp(nanoseconds: nanoseconds)
        guard timeSlept >= .seconds(1) else { return moment }
        return moment - now > timeSlept / 2 ? moment - timeSlept : moment
    }
}
