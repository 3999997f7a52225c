// SPDX-License-Identifier: MIT

internal import CameraKit
internal import FoundationEssentials

/// What Home Assistant is told of cameras so that it shows them by itself: its discovery by MQTT.
///
/// Each entity has a topic of its own, which all versions of Home Assistant know, and all names are written out:
/// https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
struct HomeAssistant: Sendable {
    let options: MQTTOptions
    /// What the topics begin with.
    let prefix: String
    /// The version of this package, for who looks at the device.
    static let version = "0.1.0"

    /// What is told of a camera, by its topics: JSON.
    func discoveries(of camera: FleetCamera) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for entity in entities(of: camera) {
            let topic = "\(prefix)/\(entity.component)/\(identity(of: camera))/\(entity.object)/config"
            found[topic] = Self.json(Payload(entity, camera, self))
        }
        return found
    }

    /// The topic by which Home Assistant tells that it has started.
    var birthTopic: String { "\(prefix)/status" }

    /// A name for a camera that no other has, of letters, digits, '-' and '_' alone.
    private func identity(of camera: FleetCamera) -> String {
        let base = options.topic.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" }
        return "\(String(base))_\(camera.name)"
    }

    private func entities(of camera: FleetCamera) -> [Entity] {
        var entities = [
            Entity(.binarySensor, "connectivity", "Connectivity") {
                $0.deviceClass = "connectivity"
                $0.category = "diagnostic"
            }
        ]
        if options.snapshotInterval != nil { entities.append(Entity(.camera, "picture", "Picture")) }
        if camera.looksForMotion {
            entities.append(Entity(.binarySensor, "motion", "Motion") { $0.deviceClass = "motion" })
        }
        if camera.offersRecording {
            entities.append(Entity(.switch, "recording", "Recording") { $0.icon = "mdi:record-rec" })
        }
        if camera.template != nil {
            entities.append(
                Entity(.sensor, "free", "Free space", states: "storage") {
                    $0.deviceClass = "data_size"
                    $0.unit = "GB"
                    $0.template = "{{ value_json.free }}"
                    $0.category = "diagnostic"
                })
            entities.append(
                Entity(.sensor, "used", "Used space", states: "storage") {
                    $0.unit = "%"
                    $0.template = "{{ value_json.used }}"
                    $0.category = "diagnostic"
                    $0.icon = "mdi:harddisk"
                })
        }
        return entities
    }

    static func json(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map(Array.init) ?? []
    }
}

extension HomeAssistant {
    /// Something of a camera that Home Assistant shows.
    private struct Entity {
        enum Component: String {
            case camera
            case binarySensor = "binary_sensor"
            case `switch`
            case sensor
        }

        let component: String
        let kind: Component
        /// Its name in topics, and that for people.
        let object: String
        let name: String
        /// The end of the topic of its states.
        let states: String
        var deviceClass: String?
        var category: String?
        var icon: String?
        var unit: String?
        var template: String?

        init(
            _ kind: Component, _ object: String, _ name: String, states: String? = nil,
            _ change: (inout Entity) -> Void = { _ in }
        ) {
            (self.kind, component, self.object, self.name) = (kind, kind.rawValue, object, name)
            self.states = states ?? object
            change(&self)
        }
    }

    /// The JSON of an entity; what is nil is left out.
    private struct Payload: Encodable {
        let name: String
        let uniqueID: String
        let availabilityTopic: String
        /// Where the pictures of a camera come; the others have topics of their states.
        let topic: String?
        let stateTopic: String?
        let commandTopic: String?
        let deviceClass: String?
        let entityCategory: String?
        let icon: String?
        let unit: String?
        let stateClass: String?
        let valueTemplate: String?
        let device: Device
        let origin = Origin()

        enum CodingKeys: String, CodingKey {
            case name, topic, icon, device, origin
            case uniqueID = "unique_id"
            case availabilityTopic = "availability_topic"
            case stateTopic = "state_topic"
            case commandTopic = "command_topic"
            case deviceClass = "device_class"
            case entityCategory = "entity_category"
            case unit = "unit_of_measurement"
            case stateClass = "state_class"
            case valueTemplate = "value_template"
        }

        init(_ entity: Entity, _ camera: FleetCamera, _ home: HomeAssistant) {
            let states = home.options.topic(of: camera.name, entity.states)
            let identity = home.identity(of: camera)
            name = entity.name
            uniqueID = "\(identity)_\(entity.object)"
            availabilityTopic = home.options.statusTopic
            topic = entity.kind == .camera ? states : nil
            stateTopic = entity.kind == .camera ? nil : states
            commandTopic = entity.kind == .switch ? home.options.commandTopic(of: camera.name) : nil
            deviceClass = entity.deviceClass
            entityCategory = entity.category
            icon = entity.icon
            unit = entity.unit
            stateClass = entity.kind == .sensor ? "measurement" : nil
            valueTemplate = entity.template
            device = Device(identifiers: [identity], name: camera.name)
        }
    }

    private struct Device: Encodable {
        let identifiers: [String]
        let name: String
        let manufacturer = "swift-camera"
        let model = "Camera"
        let version = HomeAssistant.version

        enum CodingKeys: String, CodingKey {
            case identifiers, name, manufacturer, model
            case version = "sw_version"
        }
    }

    private struct Origin: Encodable {
        let name = "swift-camera"
        let version = HomeAssistant.version

        enum CodingKeys: String, CodingKey {
            case name
            case version = "sw_version"
        }
    }
}
