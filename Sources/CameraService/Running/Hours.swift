// SPDX-License-Identifier: MIT

internal import CameraServer
internal import Synchronization

/// Has a camera recorded in the hours of its timetable.
///
/// Only the hours' beginnings and ends are told to the server: a recording that somebody stops meanwhile stays stopped.
final class Hours: Sendable {
    private let name: String
    private let timetable: Timetable
    private let server: CameraServer
    private let isOn = Mutex(false)

    /// - Returns: Nil for a camera without a timetable.
    init?(_ plan: CameraPlan, _ server: CameraServer) {
        guard let timetable = plan.timetable else { return nil }
        (name, self.timetable, self.server) = (plan.name, timetable, server)
    }

    /// Looks whether the hours have begun or ended.
    func look(at clock: LocalClock) {
        let holds = timetable.holds(at: clock)
        let isNews = isOn.withLock { isOn in
            defer { isOn = holds }
            return isOn != holds
        }
        if isNews { server.want(recording: holds, of: name) }
    }
}
