// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit

/// All counts in the text format of Prometheus.
enum Metrics {
    /// A number of the server's own.
    struct Count: Sendable {
        let name: String
        let help: String
        let isCounter: Bool
        let value: Int
    }

    /// What the server of RTSP has done.
    static func counts(of rtsp: RTSPCounts.Values) -> [Count] {
        let counters = [
            ("sessions", "Sessions that were set up by RTSP.", rtsp.sessions),
            ("packets", "Packets that were sent by RTSP.", rtsp.packets),
            ("bytes", "Bytes of their payload.", rtsp.bytes),
            ("pictures_dropped", "Pictures that clients of RTSP were too slow for.", rtsp.droppedPictures),
            ("packets_lost", "Packets that clients of RTSP told to be lost.", rtsp.lostPackets),
            ("refusals", "Requests with wrong credentials.", rtsp.refusals),
        ]
        return [
            Count(
                name: "camera_rtsp_players", help: "Clients that are sent pictures by RTSP.", isCounter: false,
                value: rtsp.players)
        ]
            + counters.map { Count(name: "camera_rtsp_\($0)_total", help: $1, isCounter: true, value: $2) }
    }

    /// What is told of each camera, or of each of its encoders.
    private struct Family<Subject> {
        let name: String
        let help: String
        let isCounter: Bool
        let value: @Sendable (Subject) -> Double

        init(_ name: String, _ help: String, counter: @escaping @Sendable (Subject) -> Int) {
            (self.name, self.help, isCounter) = (name + "_total", help, true)
            value = { Double(counter($0)) }
        }

        init(_ name: String, _ help: String, gauge: @escaping @Sendable (Subject) -> Double) {
            (self.name, self.help, isCounter, value) = (name, help, false, gauge)
        }

        var head: String { "# HELP \(name) \(help)\n# TYPE \(name) \(isCounter ? "counter" : "gauge")\n" }
    }

    static func text(_ stations: [Station], _ counts: [Count]) -> String {
        let states = stations.map { ($0.plan.name, $0.state) }
        var text = ""
        for family in cameraFamilies {
            text += family.head
            for (name, state) in states {
                text += "\(family.name){camera=\"\(name)\"} \(number(family.value(state)))\n"
            }
        }
        for family in encoderFamilies {
            text += family.head
            for (name, state) in states {
                for (port, encoder) in (state.statistics?.encoders ?? [:]).sorted(by: { $0.key < $1.key }) {
                    let labels = "{camera=\"\(name)\",port=\"\(port)\"}"
                    text += "\(family.name)\(labels) \(number(family.value(encoder)))\n"
                }
            }
        }
        for count in counts {
            let kind = count.isCounter ? "counter" : "gauge"
            text += "# HELP \(count.name) \(count.help)\n# TYPE \(count.name) \(kind)\n\(count.name) \(count.value)\n"
        }
        return text
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private static let cameraFamilies: [Family<CameraState>] = [
        Family("camera_up", "Whether the camera gives pictures.", gauge: { $0.state == .running ? 1 : 0 }),
        Family("camera_recording", "Whether it is recorded to files.", gauge: { $0.recording.isRunning ? 1 : 0 }),
        Family("camera_viewers", "How many watch it.", gauge: { Double($0.viewers) }),
        Family("camera_frames_captured", "Frames that arrived from the device.") { $0.source.framesCaptured },
        Family("camera_frames_lost", "Frames that the driver or the bus lost.") { $0.source.framesLost },
        Family("camera_frames_damaged", "Frames that arrived damaged.") { $0.source.framesDamaged },
        Family("camera_frames_copied", "Frames copied since the device had few buffers left.") {
            $0.source.framesCopied
        },
        Family("camera_frames_not_copied", "Frames left out since there were too few buffers.") {
            $0.source.framesNotCopied
        },
        Family("camera_stalls", "How often no frame came for the stall limit.") { $0.source.stalls },
        Family("camera_interruptions", "How often it went away and came back.") { $0.source.interruptions },
    ]

    private static let encoderFamilies: [Family<EncoderStatistics>] = [
        Family("camera_encoder_frames_received", "Frames that were offered to the encoder.") { $0.framesReceived },
        Family("camera_encoder_frames_dropped", "Frames dropped before encoding.") { $0.framesDropped },
        Family("camera_encoder_packets_dropped", "Frames lost in or behind the encoder.") { $0.packetsDropped },
        Family("camera_encoder_packets_written", "Pictures handed to the outputs.") { $0.packetsWritten },
        Family("camera_encoder_key_frames", "Key frames handed to the outputs.") { $0.keyFrames },
        Family("camera_encoder_bytes_written", "Bytes handed to the main output.") { $0.bytesWritten },
        Family("camera_encoder_splits", "Switches to a new file.") { $0.splits },
        Family("camera_encoder_late_cuts", "Switches that came late.") { $0.lateCuts },
        Family(
            "camera_encoder_queue_bytes", "Bytes that wait for the outputs.", gauge: { Double($0.packetQueueBytes) }),
        Family(
            "camera_encoder_latency_seconds", "The time from exposure to the end of the write, nine of ten.",
            gauge: { Double($0.latency.p90) / 1e6 }),
    ]
}

extension CameraState {
    /// The camera's counts; zeros while it is away.
    fileprivate var source: SourceStatistics { statistics?.source ?? SourceStatistics() }
}
