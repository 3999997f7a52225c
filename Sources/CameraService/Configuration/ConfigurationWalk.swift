// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit
internal import Yams

/// Goes through the tree of a file, takes the values of known keys, and collects all that is wrong.
struct ConfigurationWalk {
    /// As many cameras as no machine has.
    private static let mostCameras = 64

    private(set) var server = ConfigurationValues()
    private(set) var fleet = ConfigurationValues()
    private(set) var defaults = ConfigurationValues()
    private(set) var areDefaultsSound = true
    private(set) var cameras: [FoundCamera] = []
    private(set) var faults: [ConfigurationFault] = []
    private let environment: (String) -> String?

    /// A camera as it stands in the file.
    struct FoundCamera {
        let name: String
        let place: ConfigurationFault.Place
        let values: ConfigurationValues
        /// Whether nothing of it was refused, so that its values can be looked at together.
        let isSound: Bool
    }

    init(_ root: Node, environment: @escaping (String) -> String?) {
        self.environment = environment
        let names = ConfigurationTable.top.map(\.name)
        var (server, fleet, defaults) = (ConfigurationValues(), ConfigurationValues(), ConfigurationValues())
        for (name, value, place) in pairs(of: root, "the file", "'cameras:' and others") {
            switch name {
            case "server": takeTop(name, value, ConfigurationTable.server, into: &server)
            case "mqtt", "hooks":
                fleet.sections[name] = place
                takeTop(name, value, ConfigurationTable.fleet.filter { $0.section == name }, into: &fleet)
            case "defaults":
                let count = faults.count
                takeCamera(value, "'defaults'", into: &defaults)
                areDefaultsSound = faults.count == count
            case "cameras": takeCameras(value, place)
            default: refuseUnknown(name, place, among: names, in: "the file")
            }
        }
        (self.server, self.fleet, self.defaults) = (server, fleet, defaults)
        if let place = fleet.sections["mqtt"], fleet.entries["mqtt.host"] == nil, faults.isEmpty {
            refuse(place, "'mqtt' needs 'host' with the name of the broker")
        }
        if cameras.isEmpty, faults.isEmpty {
            refuse(nil, "there is no camera in it; write 'cameras:', and below it the name of a camera and its keys")
        }
    }

    mutating func refuse(_ place: ConfigurationFault.Place?, _ text: String) {
        faults.append(ConfigurationFault(place: place, text: text))
    }

    /// Takes a section of the whole file.
    private mutating func takeTop(
        _ section: String, _ node: Node, _ keys: [ConfigurationKey], into values: inout ConfigurationValues
    ) {
        let example = keys.dropFirst().first.map { "'\($0.name): \($0.example)'" } ?? ""
        for (name, value, place) in pairs(of: node, "'\(section)'", "keys such as \(example)") {
            guard let key = keys.first(where: { $0.name == name }) else {
                refuseUnknown(name, place, among: keys.map(\.name), in: "'\(section)'")
                continue
            }
            take(value, as: key, place, into: &values)
        }
    }

    private mutating func takeCameras(_ node: Node, _ place: ConfigurationFault.Place) {
        for (name, value, place) in pairs(of: node, "'cameras'", "a name for each camera, and its keys below it") {
            guard cameras.count < Self.mostCameras else {
                return refuse(place, "there are more than \(Self.mostCameras) cameras")
            }
            var values = ConfigurationValues()
            let count = faults.count
            takeCamera(value, "the camera '\(name)'", into: &values)
            let isSound = faults.count == count
            cameras.append(FoundCamera(name: name, place: place, values: values, isSound: isSound))
        }
    }

    private mutating func takeCamera(_ node: Node, _ what: String, into values: inout ConfigurationValues) {
        let sections = ConfigurationTable.sections.map(\.name).filter { !$0.isEmpty }
        let own = ConfigurationTable.keys(of: "")
        for (name, value, place) in pairs(of: node, what, "keys such as 'source: /dev/video0'") {
            if sections.contains(name) {
                values.sections[name] = place
                takeSection(name, value, into: &values)
            } else if let key = own.first(where: { $0.name == name }) {
                take(value, as: key, place, into: &values)
            } else {
                refuseUnknown(name, place, among: own.map(\.name) + sections, in: what)
            }
        }
    }

    private mutating func takeSection(_ section: String, _ node: Node, into values: inout ConfigurationValues) {
        let keys = ConfigurationTable.keys(of: section)
        let example = keys.first.map { "'\($0.name): \($0.example)'" } ?? ""
        for (name, value, place) in pairs(of: node, "'\(section)'", "keys such as \(example)") {
            if let key = keys.first, case .map = key.form {
                takeNamed(name, value, as: key, place, into: &values)
            } else if let key = keys.first(where: { $0.name == name }) {
                take(value, as: key, place, into: &values)
            } else {
                refuseUnknown(name, place, among: keys.map(\.name), in: "'\(section)'")
            }
        }
    }

    // MARK: Values

    private mutating func take(
        _ node: Node, as key: ConfigurationKey, _ place: ConfigurationFault.Place,
        into values: inout ConfigurationValues
    ) {
        var nodes = [node]
        if case .list = key.form, case .sequence(let sequence) = node {
            guard refuseAnchor(of: node) else { return }
            nodes = Array(sequence)
        }
        let texts = nodes.compactMap { text(of: $0, as: key) }
        guard texts.count == nodes.count else { return }
        values.entries[key.path] = ConfigurationValues.Entry(key: key, texts: texts, names: [], place: place)
    }

    private mutating func takeNamed(
        _ name: String, _ node: Node, as key: ConfigurationKey, _ place: ConfigurationFault.Place,
        into values: inout ConfigurationValues
    ) {
        guard let text = text(of: node, as: key) else { return }
        let new = ConfigurationValues.Entry(key: key, texts: [], names: [], place: place)
        values.entries[key.path, default: new].names.append(name)
        values.entries[key.path, default: new].texts.append(text)
    }

    /// A value that its key takes; nil where it does not, which is noted.
    private mutating func text(of node: Node, as key: ConfigurationKey) -> ConfiguredText? {
        let place = node.mark?.place
        guard refuseAnchor(of: node) else { return nil }
        guard case .scalar(let scalar) = node else {
            let many = if case .list = key.form { "a value, or a list of values," } else { "a value" }
            refuse(
                place,
                "'\(key.name)' takes \(many) such as \(key.example); a text that begins with { or [ stands in quotes")
            return nil
        }
        if scalar.style == .plain, ["", "~", "null"].contains(scalar.string.lowercased()) {
            refuse(place, "'\(key.name)' has no value; write it as '\(key.name): \(key.example)', or leave the key out")
            return nil
        }
        do throws(CameraError) {
            let text = try ConfiguredText(scalar.string, environment: environment)
            do throws(CameraError) {
                try key.check(text.value)
            } catch {
                let reason = error.reason ?? "it takes \(key.takes)"
                // The meaning of ${…} may be a secret; so may what is a secret as it stands.
                let hasSecret = text.value != text.written || key.isSecret
                let shown = hasSecret ? text.written : text.value
                let said = key.isSecret ? "this" : "'\(shown)'"
                refuse(place, "'\(key.name)' cannot be \(said): \(reason) (for example '\(key.name): \(key.example)')")
                return nil
            }
            return text
        } catch {
            refuse(place, "'\(key.name)': \(error.reason ?? "\(error)")")
            return nil
        }
    }

    // MARK: Structure

    /// The pairs of a map whose keys are plain texts; none where it is no map, which is noted.
    private mutating func pairs(
        of node: Node, _ what: String, _ expected: String
    ) -> [(name: String, value: Node, place: ConfigurationFault.Place)] {
        guard refuseAnchor(of: node) else { return [] }
        let start = ConfigurationFault.Place(line: 1, column: 1)
        switch node {
        case .mapping(let mapping):
            var found: [(name: String, value: Node, place: ConfigurationFault.Place)] = []
            for (key, value) in mapping {
                let place = key.mark?.place ?? node.mark?.place ?? start
                guard case .scalar(let scalar) = key else {
                    refuse(place, "a key is a word; this one is a list or a map")
                    continue
                }
                found.append((scalar.string, value, place))
            }
            return found
        // A key with nothing behind it.
        case .scalar(let scalar) where scalar.style == .plain && scalar.string.isEmpty: return []
        default:
            refuse(node.mark?.place, "\(what) has \(expected) below it, and no single value or list")
            return []
        }
    }

    /// Notes an anchor, whose text others could repeat without an end; whether there is none.
    private mutating func refuseAnchor(of node: Node) -> Bool {
        if case .alias = node {
        } else if node.anchor == nil {
            return true
        }
        refuse(node.mark?.place, "anchors and aliases are not taken; what cameras share stands in 'defaults:'")
        return false
    }

    private mutating func refuseUnknown(
        _ name: String, _ place: ConfigurationFault.Place, among names: [String], in what: String
    ) {
        let shown = name.count <= 64 ? name : "\(name.prefix(64))…"
        if let nearest = name.nearest(among: names) {
            return refuse(place, "\(what) has no key '\(shown)'; is it '\(nearest)'?")
        }
        let all = ConfigurationTable.server + ConfigurationTable.fleet + ConfigurationTable.camera
        let others = all.filter { $0.name == name }
        if let home = others.first {
            let section = home.section.isEmpty ? "the camera itself" : "'\(home.section)'"
            return refuse(place, "\(what) has no key '\(shown)'; it belongs into \(section)")
        }
        refuse(place, "\(what) has no key '\(shown)', but \(names.joined(separator: ", "))")
    }
}
