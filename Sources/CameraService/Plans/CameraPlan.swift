// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit
package import CameraServer

/// Why the values of a camera do not go together.
struct PlanFault: Error {
    /// The key or section that is to be changed.
    let path: String
    let reason: String
}

/// A camera of a configuration, with what is recorded of it.
package struct CameraPlan: Sendable {
    /// Its name in addresses.
    package let name: String
    /// All that the file says of it, with what it takes from the defaults.
    package let values: ConfigurationValues
    /// What the server does with it.
    package let served: ServedCamera
    /// The hours in which it is recorded; nil where they do not matter.
    let timetable: Timetable?
    let timelapse: PicturePlan?
    let stills: PicturePlan?
    let moments: [Timetable.Moment]

    /// Pictures that are taken of a camera.
    struct PicturePlan: Sendable {
        let template: String
        let interval: Duration
        let latest: String?
        let options: EncoderOptions
    }

    /// Makes the plan of values that were each checked.
    ///
    /// - Throws: What does not go together.
    init(_ name: String, _ values: ConfigurationValues) throws(PlanFault) {
        self.name = name
        self.values = values
        let sourceWords = values.text("source").map { ["--camera=\($0)"] } ?? []
        let source = try Self.parse(
            SourceOptions.self, sourceWords + values.arguments(for: .source) + Self.settings(values), "source")
        let style = try Self.parse(StyleOptions.self, values.arguments(for: .drawing), "drawing")
        let encoding = try Self.parse(EncodingOptions.self, values.arguments(for: .encoding), "encoding")
        let retention = try Self.parse(RetentionOptions.self, values.arguments(for: .retention), "retention")
        var served = ServedCamera(name, source, style: style)
        served.format = encoding.format == "h265" ? .h265 : .h264
        served.options = encoding.encoderOptions
        served.retention = retention.retention
        try Self.checkEncoding(served)
        do throws(CameraError) {
            timetable = try Self.plan(&served, values)
            timelapse = try Self.pictures("timelapse", name, values)
            stills = try Self.pictures("stills", name, values)
            moments = try values.texts("stills.at").map { text throws(CameraError) in
                try Timetable.Moment(parsing: text)
            }
            try served.check()
        } catch {
            throw PlanFault(path: error.subject ?? "", reason: error.reason ?? "\(error)")
        }
        self.served = served
    }

    /// What the tool's own parser makes of arguments.
    private static func parse<Options: ParsableArguments>(
        _ type: Options.Type, _ arguments: [String], _ section: String
    ) throws(PlanFault) -> Options {
        do {
            return try type.parse(arguments)
        } catch {
            throw PlanFault(path: section, reason: type.message(for: error))
        }
    }

    /// Has the encoder itself judge its options, where a library does it: else their faults would show when it records.
    ///
    /// The pictures are small, since a file may have many cameras: it is names and numbers that are judged.
    private static func checkEncoding(_ served: ServedCamera) throws(PlanFault) {
        if case .device = served.options.codecDevice { return }
        do throws(CameraError) {
            let codec = try Codecs.make(for: served.format)
            defer { codec.close() }
            let configuration = CodecConfiguration(
                format: served.format, inputFormat: codec.inputFormats[0], size: Resolution(64, 48),
                frameRate: 30, color: .bt709, options: served.options)
            _ = try codec.configure(configuration) { _ in }
        } catch {
            // What the build or the machine lacks is told when it is needed.
            guard [.invalidValue, .unknownOption].contains(error.code) else { return }
            throw PlanFault(path: "encoding", reason: "\(error)")
        }
    }

    private static func settings(_ values: ConfigurationValues) -> [String] {
        guard let entry = values.entries["settings.NAME"] else { return [] }
        return zip(entry.names, entry.texts).map { "--set=\($0)=\($1.value)" }
    }

    /// Puts what is recorded into a server's plan.
    ///
    /// - Returns: The hours of the recording.
    private static func plan(
        _ served: inout ServedCamera, _ values: ConfigurationValues
    ) throws(CameraError) -> Timetable? {
        let name = served.name
        let mode = try values.text("record.mode").map(RecordingMode.init(parsing:)) ?? .continuous
        let template = values.text("record.template")?.naming(camera: name)
        if template == nil, values.sections["record"] != nil {
            throw refusal("record", "'record' needs 'template' with the names of the files")
        }
        if let split = values.text("record.split") { served.splitting = try SplitRule(parsing: split) }
        if let sync = values.text("record.sync") { served.sync = try Parse.syncPolicy(sync) }
        served.publishing = values.texts("publish").map { $0.naming(camera: name) }
        if template == nil || mode == .motion, !served.publishing.isEmpty {
            throw refusal("publish", "'publish' sends recordings to other servers: give 'record' with a template")
        }
        served.recordsAtOnce = mode == .continuous && template != nil
        if mode != .motion { served.template = template }
        let events = values.text("events.template")?.naming(camera: name)
        if mode == .motion, events != nil {
            throw refusal(
                "events.template", "with 'mode: motion' the files have the template of 'record'; leave out this one")
        }
        served.eventTemplate = mode == .motion ? template : events
        try planEvents(&served, values, isMotion: mode == .motion || values.sections["motion"] != nil)
        return try timetable(values, mode)
    }

    private static func planEvents(
        _ served: inout ServedCamera, _ values: ConfigurationValues, isMotion: Bool
    ) throws(CameraError) {
        guard served.eventTemplate != nil else {
            if isMotion || values.sections["events"] != nil {
                throw refusal(
                    isMotion ? "motion" : "events",
                    "the files of events need 'template' in 'events', or 'mode: motion' in 'record'")
            }
            return
        }
        let ring = try values.text("events.circular").map(Parse.duration) ?? .seconds(20)
        served.ring = ring
        served.beforeEvent = try values.text("events.before").map(Parse.duration)
        if let before = served.beforeEvent, before > ring {
            throw refusal(
                "events.before", "'before' is longer than what is kept in memory; make 'circular' as long, or longer")
        }
        if let after = values.text("events.after") { served.afterEvent = try Parse.duration(after) }
        if isMotion { served.motion = detector(values) }
    }

    private static func detector(_ values: ConfigurationValues) -> MotionDetector {
        var detector = MotionDetector()
        detector.areas = values.texts("motion.areas").compactMap { try? Parse.zoom($0) }
        if let share = values.text("motion.threshold").flatMap(Double.init) { detector.minimumShare = share / 100 }
        if let length = values.text("motion.length").flatMap(Double.init) { detector.minimumLength = length }
        if let pictures = values.text("motion.pictures").flatMap(Int.init) { detector.pictures = pictures }
        return detector
    }

    private static func timetable(
        _ values: ConfigurationValues, _ mode: RecordingMode
    ) throws(CameraError) -> Timetable? {
        let texts = values.texts("record.schedule")
        guard mode == .schedule else {
            if !texts.isEmpty { throw refusal("record.schedule", "'schedule' holds only with 'mode: schedule'") }
            return nil
        }
        guard !texts.isEmpty else {
            throw refusal("record.mode", "'mode: schedule' needs 'schedule' with the hours, as 'mon-fri 07:30-18:00'")
        }
        return Timetable(spans: try texts.map { text throws(CameraError) in try Timetable.Span(parsing: text) })
    }

    private static func pictures(
        _ section: String, _ name: String, _ values: ConfigurationValues
    ) throws(CameraError) -> PicturePlan? {
        guard values.sections[section] != nil else { return nil }
        guard let template = values.text("\(section).template")?.naming(camera: name) else {
            throw refusal(section, "'\(section)' needs 'template' with the names of the pictures")
        }
        if section == "stills", values.texts("stills.at").isEmpty {
            throw refusal(section, "'stills' needs 'at' with the times, as '12:00'")
        }
        do throws(CameraError) {
            _ = try MediaFormat(forFile: template, among: MediaFormat.image)
        } catch {
            throw refusal("\(section).template", error.reason ?? "\(error)")
        }
        let interval = try values.text("\(section).interval").map(Parse.duration) ?? .seconds(60)
        let quality = values.text("\(section).quality").flatMap(Int.init)
        return PicturePlan(
            template: template, interval: interval, latest: values.text("\(section).latest")?.naming(camera: name),
            options: EncoderOptions { $0.quality = quality })
    }

    /// A refusal whose subject is the path of the key that is to be changed.
    private static func refusal(_ path: String, _ reason: String) -> CameraError {
        CameraError(.invalidValue, "reading the configuration", subject: path, reason: reason)
    }
}
