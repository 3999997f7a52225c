// SPDX-License-Identifier: MIT

// A file for each movement, from 5 seconds before it began until it has ended; then the watch goes on.

import CameraKit
import SampleCamera
import Synchronization

/// Looks at the motion vectors of each picture, and tells when something begins to move or rests again.
final class Watch: MotionAnalysis, @unchecked Sendable {
    private let detector = Mutex(MotionDetector())
    private let changes = Mutex<[MotionDetector.Change]>([])

    override func analyze(_ field: MotionField) {
        guard let change = detector.withLock({ $0.add(field) }) else { return }
        changes.withLock { $0.append(change) }
    }

    /// The next change that was not asked for yet; nil when there is none.
    func next() -> MotionDetector.Change? {
        changes.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}

let camera = try openCamera()
defer { camera.close() }

let watch = Watch()
let ring = try CircularOutput(.time(.seconds(10)))
try camera.startRecording(
    to: .output(ring), format: .h264, motionOutput: .output(watch), options: EncoderOptions { $0.keyFrameInterval = 15 }
)

var events = 0
while try camera.waitRecording(.milliseconds(100)) == .running {
    switch watch.next() {
    case .began:
        events += 1
        // Half a second more, since a file begins with a key frame.
        try ring.startWriting(to: "event-\(events).h264", last: .milliseconds(5500))
        print("event \(events) began")
    case .ended:
        let (first, last) = try ring.stopWriting()
        print("event \(events) ended: frames \(first.index) to \(last.index)")
    case nil: break
    }
}
// The source has ended, perhaps during an event.
if ring.isWriting { try ring.stopWriting() }
try camera.stopRecording()
