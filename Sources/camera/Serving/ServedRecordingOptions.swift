// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit
internal import CameraServer

/// What a server records.
struct ServedRecordingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The template of recordings, which the page then offers; {camera} stands for a camera's name.",
            valueName: "clips/{camera}-{counter:05d}.mp4"))
    var record: String?

    @Flag(help: "Record from the beginning on.") var recordNow = false

    @Option(
        help: ArgumentHelp(
            "Go on in the next file after so much; 10m unless given.", valueName: "60s|1800frames|100MB"),
        transform: parsing(SplitRule.init(parsing:)))
    var split: SplitRule?

    @Option(
        help: ArgumentHelp("Keep the last pictures in memory, for events.", valueName: "20s"),
        transform: parsing(Parse.duration))
    var circular: Duration?

    @Option(
        help: ArgumentHelp("Let the file of an event go on for so long; 30s unless given.", valueName: "30s"),
        transform: parsing(Parse.duration))
    var after: Duration?

    @Option(
        help: ArgumentHelp("The template of the files of events.", valueName: "events/{camera}-{counter:05d}.mp4"))
    var events: String?

    @Option(
        help: ArgumentHelp(
            "Send recordings to another server as well; {camera} stands for a camera's name; may be given several times.",
            valueName: "rtmp://SERVER/live/{camera}"))
    var also: [String] = []

    /// The options that were given.
    var given: [String] {
        var names = recordNow ? ["--record-now"] : []
        if record != nil { names.append("--record") }
        if split != nil { names.append("--split") }
        if circular != nil { names.append("--circular") }
        if after != nil { names.append("--after") }
        if events != nil { names.append("--events") }
        if !also.isEmpty { names.append("--also") }
        return names
    }

    func validate() throws {
        if recordNow, record == nil { throw ValidationError("--record-now needs --record with a template of files") }
        if circular != nil, events == nil {
            throw ValidationError("--circular needs --events with a template of files")
        }
        if events != nil, circular == nil { throw ValidationError("--events needs --circular with what is kept") }
        if after != nil, circular == nil {
            throw ValidationError("--after is for events: give --circular and --events")
        }
        if let address = also.first(where: { !$0.contains("://") }) {
            throw ValidationError("--also takes the address of a server, such as rtmp://…, not '\(address)'")
        }
        if !also.isEmpty, record == nil { throw ValidationError("--also goes with recordings: give --record") }
    }

    /// Puts what is wanted into a camera's plan.
    func apply(to camera: inout ServedCamera, _ retention: Retention?) throws {
        let name = camera.name
        camera.template = record.map { $0.naming(camera: name) }
        camera.recordsAtOnce = recordNow
        if let split { camera.splitting = split }
        camera.retention = retention
        camera.ring = circular
        camera.eventTemplate = events.map { $0.naming(camera: name) }
        if let after { camera.afterEvent = after }
        camera.publishing = also.map { $0.naming(camera: name) }
    }
}
