// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit

/// Shows a camera's settings and controls, sets, resets and watches them.
struct Controls: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controls",
        abstract: "Shows the settings and controls of a camera, sets and watches them.",
        discussion: """
            Examples:
              camera controls
              camera controls --set brightness=60 --set iso=400
              camera controls --set 'native:power_line_frequency=50 Hz'
              camera controls --camera /dev/video2 --reset

            Settings have picamera's names and ranges and mean the same on all cameras; controls are the driver's own. \
            Where both have a name, 'native:NAME' is the control. Without NAMEs all are shown; with --set and no NAMEs, \
            those that were set.
            """)

    @Argument(help: ArgumentHelp("The settings and controls to show, reset or watch.", valueName: "NAME"))
    var names: [String] = []

    @OptionGroup var source: SourceOptions

    @Flag(help: "First set everything, or each NAME, to what the driver starts with.") var reset = false

    @Flag(help: "Show each control as it changes, whoever changes it, until a signal comes.") var watch = false

    @Flag(help: "One line of JSON per setting or control.") var json = false

    func run() throws {
        let opened = Monitor<(any ControlWatch)?>(nil)
        let signal = Monitor<Int32?>(nil)
        let signals =
            try watch
            ? SignalWatch { number in
                signal.update { $0 = $0 ?? number }
                opened.withLock { $0 }?.close()
            } : nil
        let device = try source.openUnchanged()
        defer { device.close() }
        do {
            if reset { try resetAll(device) }
            try source.applySettings(to: device)
            guard let signals else { return try show(device) }
            let changes = try device.watchControls()
            opened.withLock { $0 = changes }
            signals.begin()
            if signal.withLock({ $0 }) == nil { try show(changes, of: device) }
        } catch {
            throw CameraError(wrapping: error, as: .device, "using the controls", subject: device.name)
        }
        if let number = signal.withLock({ $0 }) { throw ExitCode(exitStatus(after: number)) }
    }

    // MARK: Show

    private func show(_ device: any VideoSource) throws {
        let chosen = names.isEmpty ? source.set.map(\.target) : names.map(ControlName.init)
        let isAll = chosen.isEmpty
        let settings = try device.settings()
        let meanings: [ControlName.Meaning] =
            try isAll
            ? settings.map { .setting($0) } + device.controls().map { .control($0) }
            : chosen.map { try $0.resolved(on: device) }
        var heading: String?
        for meaning in meanings {
            switch meaning {
            case .setting(let setting):
                let listing = SettingListing(setting)
                try show(listing, listing.text, under: isAll ? "settings" : nil, &heading)
            case .control(let control):
                let listing = ControlListing(control)
                let text = listing.text(as: ControlName.native(control.name, beside: settings))
                try show(listing, text, under: isAll ? "controls" : nil, &heading)
            }
        }
    }

    private func show(
        _ listing: some Encodable, _ text: String, under wanted: String?, _ heading: inout String?
    ) throws {
        if json { return Console.output(try JSON.line(listing)) }
        if let wanted, wanted != heading {
            Console.output(wanted + ":")
            heading = wanted
        }
        Console.output((wanted == nil ? "" : "    ") + text)
    }

    // MARK: Watch

    private struct ChangeListing: Encodable {
        let changes: [String]
        let control: ControlListing
    }

    /// Shows changes until the watch is closed.
    private func show(_ watch: any ControlWatch, of device: any VideoSource) throws {
        let settings = try device.settings()
        let controls = try names.compactMap { name in
            switch try ControlName(name).resolved(on: device) {
            case .control(let control): control.name
            case .setting:
                throw CameraError(
                    .unsupported, "watching \(name)", subject: device.name,
                    reason: "changes are told of the driver's own controls; write native:NAME")
            }
        }
        Console.tell("watching the controls of \(device.name)")
        while let change = try watch.next(timeout: nil) {
            guard names.isEmpty || controls.contains(change.control.name) else { continue }
            let listing = ControlListing(change.control)
            if json {
                Console.output(try JSON.line(ChangeListing(changes: change.changes.words, control: listing)))
            } else {
                let text = listing.text(as: ControlName.native(change.control.name, beside: settings))
                Console.output(text + "  (\(change.changes.words.joined(separator: ", ")))")
            }
        }
    }

    // MARK: Reset

    private func resetAll(_ device: any VideoSource) throws {
        guard names.isEmpty else {
            for name in names { try reset(try ControlName(name).resolved(on: device), on: device) }
            return
        }
        // Automatics come before what they rule, and shut it when they are on.
        for control in try device.controls().reversed() where control.isWritable {
            do {
                try reset(.control(control), on: device)
            } catch let error as CameraError where error.code == .unsupported && control.traits.contains(.inactive) {
                // Ruled by an automatic that is on, it has no effect.
            }
        }
    }

    private func reset(_ meaning: ControlName.Meaning, on device: any VideoSource) throws {
        switch meaning {
        case .setting(let setting):
            if let value = setting.defaultValue { try device.set(setting.setting, to: value) }
        case .control(let control):
            if let value = control.defaultValue, value != control.value {
                try device.setControl(control.name, to: value)
            }
        }
    }
}

extension ControlChange.Changes {
    /// What has changed, in words.
    fileprivate var words: [String] {
        let words: [(ControlChange.Changes, String)] = [(.value, "value"), (.traits, "traits"), (.kind, "range")]
        return words.filter { contains($0.0) }.map(\.1)
    }
}
