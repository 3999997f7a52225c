// SPDX-License-Identifier: MIT

package import CLibCamera
package import CameraDevices
internal import Synchronization

/// libcamera as the shim shows it, with cameras that a test describes and whose requests it completes by hand.
///
/// C functions cannot carry anything with them, so there is one script at a time: tests that use it run one after the
/// other.
package enum ScriptedLibCamera {
    /// What libcamera is to be like, and what was done with it.
    package struct Script: @unchecked Sendable {
        // Unchecked: the listener's context is used only between start and stop.

        /// The cameras' names, and models.
        package var cameras: [(id: String, model: String)] = [
            ("/base/camera@1", "imx219"), ("/base/camera@2", "ov5647"),
        ]
        /// Streams that a camera has at a time.
        package var streamLimit = 3
        /// Requests that it makes.
        package var bufferCount = 4
        /// Sizes must be multiples of this.
        package var sizeStep: UInt32 = 2
        package var canFlip = true
        /// The shortest and the longest frame, in microseconds; nil where that cannot be set.
        package var frameDurations: ClosedRange<Double>? = 8333...1_000_000
        /// Whether exposure and gain have modes of their own, as since libcamera 0.5.
        package var hasExposureModes = false
        /// Names of controls that the camera does not have.
        package var lackingControls: Set<String> = []
        /// What these functions return.
        package var retainResult: Int32 = 0
        package var acquireResult: Int32 = 0
        package var queueResult: Int32 = 0
        package var controlResult: Int32 = 0
        package var lastError = ""

        /// Uses of the manager.
        package fileprivate(set) var uses = 0
        /// Sessions that are open.
        package fileprivate(set) var sessions = 0
        /// Streams as they were configured last.
        package fileprivate(set) var configured: [clc_stream] = []
        /// Requests that the camera has, the next to be completed first.
        package fileprivate(set) var queued: [UInt32] = []
        package fileprivate(set) var frameDuration: Int64?
        /// Left and right, top and bottom.
        package fileprivate(set) var flips = [false, false]
        package fileprivate(set) var starts = 0
        package fileprivate(set) var stops = 0
        /// Values that were set, by the control's number.
        package fileprivate(set) var settings: [UInt32: [Double]] = [:]
        /// Buffers that are mapped.
        package var mappedCount: Int { buffers.count }
        /// Buffers that somebody reads.
        package fileprivate(set) var readCount = 0

        fileprivate var proposed: [clc_stream] = []
        fileprivate var proposedFlips = [false, false]
        fileprivate var listener: clc_listener?
        fileprivate var changed: (@convention(c) (UnsafePointer<CChar>, Bool) -> Void)?
        fileprivate var buffers: [Int: Buffer] = [:]
        fileprivate var lastBuffer = 0
        /// The first of the buffers that belong to the requests there are; older ones are only kept by somebody.
        fileprivate var firstBuffer = 1
    }

    /// The memory of a stream's buffer.
    fileprivate struct Buffer {
        let bytes: UnsafeMutableRawPointer
        let length: Int
        let planes: [(offset: Int, length: Int)]
        let request: Int
        let stream: Int
    }

    private static let state = Mutex(Script())

    /// Begins a new script.
    ///
    /// - Returns: The functions to give to ``LibCamera``.
    package static func reset(_ change: (inout Script) -> Void = { _ in }) -> LibCameraShim {
        state.withLock { script in
            script = Script()
            change(&script)
        }
        return LibCameraShim(face)
    }

    /// What was done so far.
    package static var script: Script { state.withLock { $0 } }

    /// Changes what libcamera is like.
    package static func change(_ body: (inout Script) -> Void) { state.withLock { body(&$0) } }

    /// Completes the request that the camera has had the longest, as libcamera's thread does.
    ///
    /// - Parameters:
    ///   - sequence: The number of the request, and of each picture unless `change` says otherwise.
    ///   - sensorTime: The sensor's time stamp; 0 for none.
    ///   - change: Changes what is told of it.
    /// - Returns: The request; nil when the camera has none.
    @discardableResult
    package static func complete(
        _ sequence: UInt32, at sensorTime: Int64 = 0, _ change: (inout clc_completion) -> Void = { _ in }
    ) -> UInt32? {
        let next = state.withLock { script -> (UInt32, clc_listener, Int)? in
            guard let listener = script.listener, !script.queued.isEmpty else { return nil }
            let request = script.queued.removeFirst()
            for (number, buffer) in script.buffers where number >= script.firstBuffer && buffer.request == request {
                buffer.bytes.storeBytes(of: sequence, as: UInt32.self)
            }
            return (request, listener, script.configured.count)
        }
        guard let (request, listener, count) = next else { return nil }
        var completion = clc_completion()
        completion.index = request
        completion.sequence = sequence
        completion.sensor_timestamp = sensorTime
        completion.stream_count = UInt32(count)
        withUnsafeMutableBytes(of: &completion.streams) { bytes in
            for index in 0..<count {
                let filled = bytes.bindMemory(to: clc_filled.self)
                filled[index].sequence = sequence
                filled[index].timestamp = UInt64(1_000_000_000 + Int(sequence) * 33_333_333)
            }
        }
        change(&completion)
        listener.completed(listener.context, &completion)
        return request
    }

    /// Unplugs the camera.
    package static func lose() {
        let listener = state.withLock { $0.listener }
        if let listener { listener.lost(listener.context) }
    }

    /// Plugs a camera in, or unplugs it.
    package static func plug(_ id: String, isAdded: Bool) {
        let changed = state.withLock { $0.changed }
        changed?(id, isAdded)
    }

    /// Codes of DRM.
    package static let nv12: UInt32 = 0x3231_564E
    private static let yuv420: UInt32 = 0x3231_5559
    private static let rg10: UInt32 = 0x3031_4752
    private static let packed: UInt64 = 0x0B << 56 | 1

    // MARK: The functions

    private static let face = clc_face(
        version: UInt32(CLC_FACE_VERSION), library_version: { ScriptedLibCamera.characters("v0.0.0") },
        retain: {
            ScriptedLibCamera.state.withLock { script in
                if script.retainResult == 0 { script.uses += 1 }
                return script.retainResult
            }
        },
        release: { ScriptedLibCamera.state.withLock { $0.uses -= 1 } },
        last_error: { text, size in
            let words = ScriptedLibCamera.state.withLock { $0.lastError }.utf8.prefix(size - 1)
            for (index, byte) in words.enumerated() { text[index] = CChar(bitPattern: byte) }
            text[words.count] = 0
        },
        observe: { changed in ScriptedLibCamera.state.withLock { $0.changed = changed } },
        list: { context, visit in
            for camera in ScriptedLibCamera.script.cameras {
                camera.id.withCString { id in
                    camera.model.withCString { model in
                        var description = clc_description(id: id, model: model, location: 1, rotation: 180)
                        visit(context, &description)
                    }
                }
            }
        },
        uses_device: { id, device in device == 81 << 8 && String(cString: id) == "/base/camera@1" },
        open: { id in
            let id = String(cString: id)
            return ScriptedLibCamera.state.withLock { script in
                guard let index = script.cameras.firstIndex(where: { $0.id == id }) else { return nil }
                script.sessions += 1
                return OpaquePointer(bitPattern: index + 1)
            }
        },
        acquire: { _ in ScriptedLibCamera.script.acquireResult },
        close: { _ in ScriptedLibCamera.state.withLock { $0.sessions -= 1 } },
        propose: { _, streams, count, across, down, isFlipped in
            ScriptedLibCamera.propose(streams, count, [across, down], isFlipped)
        },
        apply: { _ in
            ScriptedLibCamera.state.withLock { ($0.configured, $0.flips) = ($0.proposed, $0.proposedFlips) }
            return 0
        },
        formats: { _, stream, context, visit in ScriptedLibCamera.visitFormats(stream, context, visit) },
        prepare: { _ in
            ScriptedLibCamera.state.withLock { script in
                script.queued = []
                script.firstBuffer = script.lastBuffer + 1
                return Int32(script.bufferCount)
            }
        },
        map: { _, stream, request in ScriptedLibCamera.map(stream, request) },
        start: { _, frameDuration, listener in
            ScriptedLibCamera.state.withLock { script in
                script.starts += 1
                script.frameDuration = frameDuration
                script.listener = listener
            }
            return 0
        },
        queue: { _, request in
            ScriptedLibCamera.state.withLock { script in
                if script.queueResult == 0 { script.queued.append(request) }
                return script.queueResult
            }
        },
        stop: { _ in
            while ScriptedLibCamera.complete(0, { $0.is_cancelled = true }) != nil {}
            ScriptedLibCamera.state.withLock { script in
                script.stops += 1
                script.listener = nil
            }
            return 0
        },
        controls: { _, context, visit in ScriptedLibCamera.visitControls(context, visit) },
        set_control: { _, id, numbers, count in
            ScriptedLibCamera.state.withLock { script in
                if script.controlResult == 0 {
                    script.settings[id] = count == 0 ? nil : Array(UnsafeBufferPointer(start: numbers, count: count))
                }
                return script.controlResult
            }
        },
        plane_count: { memory in ScriptedLibCamera.buffer(memory).planes.count },
        plane: { memory, index in
            let buffer = ScriptedLibCamera.buffer(memory)
            let plane = buffer.planes[index]
            return clc_plane(
                address: UnsafeRawPointer(buffer.bytes + plane.offset), length: plane.length,
                descriptor: Int32(1000 + buffer.request * 10 + buffer.stream), offset: plane.offset,
                total: buffer.length)
        },
        begin_reading: { _ in ScriptedLibCamera.state.withLock { $0.readCount += 1 } },
        end_reading: { _ in ScriptedLibCamera.state.withLock { $0.readCount -= 1 } },
        free_memory: { memory in
            let number = Int(bitPattern: memory)
            let buffer = ScriptedLibCamera.state.withLock { $0.buffers.removeValue(forKey: number) }
            buffer?.bytes.deallocate()
        })

    /// The characters of a text that lives as long as the program.
    private static func characters(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    private static func buffer(_ memory: OpaquePointer) -> Buffer {
        guard let buffer = state.withLock({ $0.buffers[Int(bitPattern: memory)] }) else {
            preconditionFailure("memory was used after it was freed")
        }
        return buffer
    }

    private static func propose(
        _ streams: UnsafeMutablePointer<clc_stream>, _ count: Int, _ flips: [Bool],
        _ isFlipped: UnsafeMutablePointer<Bool>
    ) -> Int32 {
        state.withLock { script in
            let made = min(count, script.streamLimit)
            for index in 0..<made {
                let isRaw = streams[index].role == CLC_ROLE_RAW
                if isRaw {
                    (streams[index].code, streams[index].modifier) = (rg10, packed)
                } else if streams[index].code == 0 {
                    streams[index].code = nv12
                }
                if streams[index].size.width == 0 { streams[index].size = clc_size(width: 64, height: 48) }
                streams[index].size.width -= streams[index].size.width % script.sizeStep
                streams[index].size.height -= streams[index].size.height % script.sizeStep
                streams[index].stride = (streams[index].size.width + 63) / 64 * 64 * (isRaw ? 2 : 1)
                streams[index].frame_size = streams[index].stride * streams[index].size.height * 3 / 2
                streams[index].buffer_count = UInt32(script.bufferCount)
                (streams[index].primaries, streams[index].transfer) = (2, 2)
                (streams[index].encoding, streams[index].range) = (2, 1)
            }
            script.proposed = (0..<made).map { streams[$0] }
            script.proposedFlips = script.canFlip ? flips : [false, false]
            isFlipped.pointee = script.proposedFlips == flips
            return Int32(made)
        }
    }

    private static func visitFormats(
        _ stream: Int, _ context: UnsafeMutableRawPointer?,
        _ visit: (UnsafeMutableRawPointer?, UnsafePointer<clc_format>) -> Void
    ) {
        let proposed = script.proposed
        guard proposed.indices.contains(stream) else { return }
        let isRaw = proposed[stream].role == CLC_ROLE_RAW
        for code in isRaw ? [rg10] : [yuv420, nv12] {
            var format = clc_format()
            (format.code, format.modifier) = (code, isRaw ? packed : 0)
            format.smallest = clc_size(width: 16, height: 16)
            format.largest = clc_size(width: 640, height: 480)
            format.step = clc_size(width: 2, height: 2)
            visit(context, &format)
        }
    }

    private static func map(_ stream: Int, _ request: Int) -> OpaquePointer? {
        state.withLock { script in
            let description = script.configured[stream]
            let length = Int(description.frame_size)
            let luma = Int(description.stride * description.size.height)
            script.lastBuffer += 1
            let bytes = UnsafeMutableRawPointer.allocate(byteCount: length, alignment: 64)
            bytes.initializeMemory(as: UInt8.self, repeating: 0, count: length)
            let planes =
                description.code == nv12
                ? [(offset: 0, length: luma), (offset: luma, length: length - luma)] : [(offset: 0, length: length)]
            script.buffers[script.lastBuffer] = Buffer(
                bytes: bytes, length: length, planes: planes, request: request, stream: stream)
            return OpaquePointer(bitPattern: script.lastBuffer)
        }
    }

    private static func visitControls(
        _ context: UnsafeMutableRawPointer?, _ visit: (UnsafeMutableRawPointer?, UnsafePointer<clc_control>) -> Void
    ) {
        func value(_ numbers: [Double]) -> clc_value {
            var value = clc_value()
            value.count = UInt32(numbers.count)
            withUnsafeMutableBytes(of: &value.numbers) { bytes in
                for (index, number) in numbers.enumerated() { bytes.bindMemory(to: Double.self)[index] = number }
            }
            return value
        }
        let script = script
        func tell(
            _ id: UInt32, _ name: StaticString, _ type: clc_type, length: UInt32 = 1, _ range: (Double, Double),
            initial: [Double], choices: [(Int32, StaticString)] = []
        ) {
            guard !script.lackingControls.contains("\(name)") else { return }
            let items = choices.map { number, name in
                clc_choice(number: number, name: characters(name))
            }
            items.withUnsafeBufferPointer { items in
                var control = clc_control(
                    id: id, name: characters(name), type: type, length: length, minimum: value([range.0]),
                    maximum: value([range.1]), initial: value(initial),
                    choices: items.baseAddress, choice_count: items.count)
                visit(context, &control)
            }
        }
        tell(9, "Brightness", CLC_TYPE_NUMBER, (-1, 1), initial: [0])
        tell(1, "AeEnable", CLC_TYPE_BOOLEAN, (0, 1), initial: [1])
        tell(7, "ExposureTime", CLC_TYPE_INTEGER, (100, 66666), initial: [])
        tell(15, "ColourGains", CLC_TYPE_NUMBER, length: 2, (0, 32), initial: [])
        tell(22, "ScalerCrop", CLC_TYPE_RECTANGLE, (0, 3280), initial: [0, 0, 3280, 2464])
        tell(28, "AfWindows", CLC_TYPE_RECTANGLE, length: 0, (0, 3280), initial: [])
        tell(
            13, "AwbMode", CLC_TYPE_INTEGER, (0, 7), initial: [0],
            choices: [(5, "AwbDaylight"), (0, "AwbAuto"), (2, "AwbTungsten")])
        tell(99, "Unknown", CLC_TYPE_OTHER, (0, 0), initial: [])
        tell(10, "Contrast", CLC_TYPE_NUMBER, (0, 32), initial: [1])
        tell(14, "Saturation", CLC_TYPE_NUMBER, (0, 32), initial: [1])
        tell(19, "Sharpness", CLC_TYPE_NUMBER, (0, 16), initial: [1])
        tell(6, "ExposureValue", CLC_TYPE_NUMBER, (-8, 8), initial: [0])
        tell(8, "AnalogueGain", CLC_TYPE_NUMBER, (1, 10.66), initial: [])
        tell(12, "AwbEnable", CLC_TYPE_BOOLEAN, (0, 1), initial: [1])
        tell(
            3, "AeMeteringMode", CLC_TYPE_INTEGER, (0, 3), initial: [0],
            choices: [(0, "MeteringCentreWeighted"), (1, "MeteringSpot"), (2, "MeteringMatrix")])
        tell(
            5, "AeExposureMode", CLC_TYPE_INTEGER, (0, 3), initial: [0],
            choices: [(0, "ExposureNormal"), (1, "ExposureShort"), (2, "ExposureLong")])
        tell(39, "NoiseReductionMode", CLC_TYPE_INTEGER, (0, 4), initial: [0])
        if script.hasExposureModes {
            tell(
                50, "ExposureTimeMode", CLC_TYPE_INTEGER, (0, 1), initial: [0],
                choices: [(0, "ExposureTimeModeAuto"), (1, "ExposureTimeModeManual")])
            tell(
                51, "AnalogueGainMode", CLC_TYPE_INTEGER, (0, 1), initial: [0],
                choices: [(0, "AnalogueGainModeAuto"), (1, "AnalogueGainModeManual")])
        }
        if let durations = script.frameDurations {
            tell(
                25, "FrameDurationLimits", CLC_TYPE_INTEGER, length: 2, (durations.lowerBound, durations.upperBound),
                initial: [])
        }
    }
}
