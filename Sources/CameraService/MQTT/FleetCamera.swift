// SPDX-License-Identifier: MIT

internal import CameraKit

/// What others are told of a camera by MQTT, as far as its plan says it.
struct FleetCamera: Hashable, Sendable {
    let name: String
    /// Whether a recording can be begun and ended.
    let offersRecording: Bool
    /// Whether movement is looked for.
    let looksForMotion: Bool
    /// The names of its files; nil where there are none.
    let template: String?

    init(name: String, offersRecording: Bool, looksForMotion: Bool, template: String?) {
        self.name = name
        self.offersRecording = offersRecording
        self.looksForMotion = looksForMotion
        self.template = template
    }

    init(_ plan: CameraPlan) {
        name = plan.name
        offersRecording = plan.served.template != nil
        looksForMotion = plan.served.motion != nil
        template = plan.served.template ?? plan.served.eventTemplate
    }

    /// How much room there is where its files are; nil where that cannot be told.
    ///
    /// A disk that does not answer holds the thread.
    var space: DiskSpace? {
        guard let template, let files = try? FileTemplate(template) else { return nil }
        return RecordedFiles(files, companions: [], isRenumbered: false).space
    }
}
