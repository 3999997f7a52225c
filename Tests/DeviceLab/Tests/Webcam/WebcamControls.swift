// SPDX-License-Identifier: MIT

/// What the webcam does on control requests: descriptors, the choice of a mode, and the picture's controls.
struct WebcamControls: Sendable {
    let descriptors: WebcamDescriptors
    /// What the host asked for and was told it can have.
    private var probed = WebcamMode()
    /// What the host has settled on.
    private(set) var mode = WebcamMode()
    private var brightness = PictureControl(value: 0, range: -64...64)
    private var contrast = PictureControl(value: 50, range: 0...100)
    /// Whether the next request for the picture's controls, or to settle on a mode, is refused.
    var stallsPictureControls = false
    var stallsCommit = false

    init(_ descriptors: WebcamDescriptors) { self.descriptors = descriptors }

    /// What follows from a request.
    enum Outcome {
        /// The answer, empty when there is nothing to tell.
        case answer([UInt8])
        /// A new stream begins.
        case start
        /// The stream is over.
        case stop
        /// The request is refused.
        case stall
    }

    private struct PictureControl {
        var value: Int16
        let range: ClosedRange<Int16>
    }

    /// The codes of requests (Video Class, A.8).
    private enum Code {
        static let setCurrent: UInt8 = 0x01
        static let current: UInt8 = 0x81
        static let minimum: UInt8 = 0x82
        static let maximum: UInt8 = 0x83
        static let step: UInt8 = 0x84
        static let length: UInt8 = 0x85
        static let info: UInt8 = 0x86
        static let initial: UInt8 = 0x87
    }

    /// Does what the host asks.
    mutating func handle(_ setup: USBSetup, _ data: [UInt8]) -> Outcome {
        switch setup.requestType {
        case 0x80, 0x81, 0x82: standardAnswer(setup)
        case 0x00, 0x01, 0x02: standardCommand(setup)
        case 0x21, 0xA1:
            switch UInt8(setup.index & 0xFF) {
            case 1: streamingRequest(setup, data)
            default: pictureRequest(setup, data)
            }
        default: .stall
        }
    }

    private func standardAnswer(_ setup: USBSetup) -> Outcome {
        switch setup.request {
        case 6:
            descriptors.descriptor(type: UInt8(setup.value >> 8), index: UInt8(setup.value & 0xFF))
                .map { .answer($0) } ?? .stall
        case 0: .answer([0, 0])
        default: .stall
        }
    }

    /// A stream of packets at reserved times starts and stops with its setting, one of bulk transfers starts when the
    /// mode is settled and stops when the host clears the endpoint.
    private func standardCommand(_ setup: USBSetup) -> Outcome {
        switch (setup.requestType, setup.request) {
        case (1, 11) where setup.index == 1 && descriptors.transfer == .isochronous: setup.value == 0 ? .stop : .start
        case (2, 1): .stop
        default: .answer([])
        }
    }

    private mutating func streamingRequest(_ setup: USBSetup, _ data: [UInt8]) -> Outcome {
        let isCommit = setup.value >> 8 == 2
        switch setup.request {
        case Code.setCurrent:
            guard data.count >= 8 else { return .stall }
            let interval = data[4..<8].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard let wish = WebcamMode(format: data[2], frame: data[3], interval: interval) else { return .stall }
            if !isCommit {
                probed = wish
                return .answer([])
            }
            if stallsCommit {
                stallsCommit = false
                return .stall
            }
            mode = wish
            return descriptors.transfer == .bulk ? .start : .answer([])
        case Code.info: return .answer([3])
        case Code.length: return .answer(WebcamDescriptors.short(34))
        default: return .answer(negotiation(of: isCommit ? mode : probed))
        }
    }

    /// The block of data that both sides pass back and forth (Video Class, table 4-75).
    private func negotiation(of mode: WebcamMode) -> [UInt8] {
        let payload = descriptors.transfer == .bulk ? mode.bulkPayloadByteCount : descriptors.packetByteCount
        return WebcamDescriptors.joined(
            [0, 0, mode.format.rawValue, mode.frameIndex], WebcamDescriptors.long(mode.interval),
            [UInt8](repeating: 0, count: 10), WebcamDescriptors.long(UInt32(mode.pictureByteCount)),
            WebcamDescriptors.long(UInt32(payload)), WebcamDescriptors.long(48_000_000), [3, 0, 0, 0])
    }

    private mutating func pictureRequest(_ setup: USBSetup, _ data: [UInt8]) -> Outcome {
        guard UInt8(setup.index >> 8) == WebcamDescriptors.processingUnit, !stallsPictureControls else {
            stallsPictureControls = false
            return .stall
        }
        switch setup.value >> 8 {
        case 2: return Self.request(setup, data, of: &brightness, initial: 0)
        case 3: return Self.request(setup, data, of: &contrast, initial: 50)
        default: return .stall
        }
    }

    private static func request(
        _ setup: USBSetup, _ data: [UInt8], of control: inout PictureControl, initial: Int16
    ) -> Outcome {
        let number: Int16
        switch setup.request {
        case Code.setCurrent:
            guard data.count == 2 else { return .stall }
            let value = Int16(bitPattern: UInt16(data[0]) | UInt16(data[1]) << 8)
            guard control.range.contains(value) else { return .stall }
            control.value = value
            return .answer([])
        case Code.info: return .answer([3])
        case Code.length: number = 2
        case Code.current: number = control.value
        case Code.minimum: number = control.range.lowerBound
        case Code.maximum: number = control.range.upperBound
        case Code.step: number = 1
        case Code.initial: number = initial
        default: return .stall
        }
        return .answer(WebcamDescriptors.short(UInt16(bitPattern: number)))
    }
}
