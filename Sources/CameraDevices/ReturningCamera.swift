// SPDX-License-Identifier: MIT

package import CameraCore
internal import Synchronization

/// A real camera that is opened again when it comes back, with its configuration and settings.
///
/// Everything else is passed on to the camera.
package final class ReturningCamera: ReturningSource {
    private let makeLookout: @Sendable () throws(CameraError) -> any CameraLookout
    private let state: Mutex<State>

    private struct State {
        var camera: any VideoSource
        /// What was set, in this order.
        var changes: [Change] = []
        /// What finds the camera again; made when it is first away.
        var lookout: (any CameraLookout)?
        var isInterrupted = false
        /// The counts of the cameras before the last return.
        var earlier = SourceCounts()
    }

    private enum Change: Sendable {
        case control(String, ControlValue)
        case setting(CameraSetting, SettingValue)

        /// Whether both change the same control or setting.
        func replaces(_ other: Change) -> Bool {
            switch (self, other) {
            case (.control(let name, _), .control(let other, _)): name == other
            case (.setting(let setting, _), .setting(let other, _)): setting == other
            case (.control, .setting), (.setting, .control): false
            }
        }
    }

    /// Makes a camera returning.
    ///
    /// - Parameters:
    ///   - camera: The camera, open.
    ///   - lookout: Makes what finds it again; called when it is first away.
    package init(
        _ camera: any VideoSource, _ lookout: @escaping @Sendable () throws(CameraError) -> any CameraLookout
    ) {
        makeLookout = lookout
        state = Mutex(State(camera: camera))
    }

    /// The camera as it is now.
    package var camera: any VideoSource { state.withLock { $0.camera } }

    /// Waits until the camera is there, opens it as it was, and sets what was set.
    ///
    /// - Throws: What opening and setting it throws; `.unsupported` when it gives other frames than before.
    package func comeBack() throws -> Bool {
        let (lost, changes) = state.withLock { ($0.camera, $0.changes) }
        // One that hangs is still there, and has to be let go of before it is opened again.
        lost.close()
        guard let camera = try lookout()?.open(like: lost) else { return false }
        do {
            guard camera.streams.map(\.size) == lost.streams.map(\.size),
                camera.streams.map(\.format) == lost.streams.map(\.format)
            else {
                throw CameraError(
                    .unsupported, "going on with the camera", subject: camera.name,
                    reason: "it came back with frames of \(camera.streams[0].size) in \(camera.streams[0].format.name)")
            }
            for change in changes { try apply(change, to: camera) }
        } catch {
            camera.close()
            throw error
        }
        state.withLock { state in
            state.earlier.framesCopied += lost.counts.framesCopied
            state.earlier.framesNotCopied += lost.counts.framesNotCopied
            state.camera = camera
        }
        return true
    }

    /// What finds the camera again; nil after ``interrupt()``.
    private func lookout() throws(CameraError) -> (any CameraLookout)? {
        let lookout: any CameraLookout
        if let present = state.withLock(\.lookout) { lookout = present } else { lookout = try makeLookout() }
        return state.withLock { state in
            state.lookout = lookout
            defer { state.isInterrupted = false }
            return state.isInterrupted ? nil : lookout
        }
    }

    private func apply(_ change: Change, to camera: any VideoSource) throws {
        switch change {
        case .control(let name, let value): try camera.setControl(name, to: value)
        case .setting(let setting, let value): try camera.set(setting, to: value)
        }
    }

    /// Sets something now, and again at each return.
    private func change(_ change: Change) throws {
        try apply(change, to: camera)
        state.withLock { state in
            state.changes.removeAll(where: change.replaces)
            state.changes.append(change)
        }
    }

    package func interrupt() {
        let (camera, lookout) = state.withLock { state in
            state.isInterrupted = true
            return (state.camera, state.lookout)
        }
        lookout?.interrupt()
        camera.interrupt()
    }

    package var name: String { camera.name }
    package var model: String { camera.model }
    package var maker: String? { camera.maker }
    package var streams: [VideoStream] { camera.streams }
    package func pixelFormats() throws -> [PixelFormat] { try camera.pixelFormats() }
    package var canWait: Bool { false }
    package var counts: SourceCounts {
        let (camera, earlier) = state.withLock { ($0.camera, $0.earlier) }
        var counts = camera.counts
        counts.framesCopied += earlier.framesCopied
        counts.framesNotCopied += earlier.framesNotCopied
        return counts
    }
    package func configure(_ request: SourceConfiguration) throws { try camera.configure(request) }
    package func start() throws { try camera.start() }
    package func next(timeout: Duration?) throws -> SourceEvent { try camera.next(timeout: timeout) }
    package func stop() { camera.stop() }
    package func close() { camera.close() }
    package func requestKeyFrame() throws -> Bool { try camera.requestKeyFrame() }
    package func controls() throws -> [CameraControl] { try camera.controls() }
    package func watchControls() throws -> any ControlWatch { try camera.watchControls() }
    package func settings() throws -> [SettingDescription] { try camera.settings() }
    package func description(of setting: CameraSetting) throws -> SettingDescription? {
        try camera.description(of: setting)
    }
    package func setControl(_ name: String, to value: ControlValue) throws { try change(.control(name, value)) }
    package func set(_ setting: CameraSetting, to value: SettingValue) throws { try change(.setting(setting, value)) }
}
