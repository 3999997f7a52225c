// SPDX-License-Identifier: MIT

internal import CameraKit
internal import CameraServer

/// What tells others of the cameras of a service: MQTT and hooks, as the file describes them.
struct Fleet: Sendable {
    let values: ConfigurationValues
    private let states: FleetStates?
    private let hooks: Hooks?

    /// Begins to tell.
    ///
    /// - Parameters:
    ///   - server: What serves the cameras.
    ///   - values: The sections `mqtt` and `hooks`.
    ///   - log: Told in a line what goes wrong.
    /// - Throws: `.system` where there is no thread to be had.
    init(
        _ server: CameraServer, _ values: ConfigurationValues, log: @escaping @Sendable (String) -> Void
    ) throws(CameraError) {
        self.values = values
        hooks = try Hooks(server, values, log: log)
        states = try MQTTOptions(values).map { options throws(CameraError) in
            try FleetStates(server, options, log: log)
        }
    }

    /// Tells of these cameras from now on.
    func arrange(_ cameras: [CameraPlan]) { states?.arrange(cameras.map(FleetCamera.init)) }

    /// Ends it while the server goes on.
    func close() {
        hooks?.close()
        states?.end()
    }

    /// Ends it once the server has ended: what the end has finished is told and done first, within half a minute.
    func finish() {
        hooks?.finish()
        states?.end()
    }
}
