// SPDX-License-Identifier: MIT

import CameraKit
import Glibc
import Synchronization

/// What tests tell a webcam's thread, and it tells them.
final class WebcamOrders: Sendable {
    let state = Mutex(State())

    struct State: Sendable {
        /// What to do wrong, by the numbers of pictures.
        var faults: [Int: WebcamFault] = [:]
        var isPaused = false
        var stallsPictureControls = false
        var stallsCommit = false
        /// What was wrong with each picture of the present stream.
        var sent: [WebcamFault?] = []
    }
}

/// The work of a webcam's thread: answers the host, and sends pictures at their times.
struct WebcamEngine {
    private let port: VirtualUSBPort
    private let descriptors: WebcamDescriptors
    private let pictures: WebcamPictures
    private let orders: WebcamOrders
    private var controls: WebcamControls
    private var stream = WebcamStream()
    /// Transfers of the streaming endpoint that wait for a picture.
    private var pending: [USBTransfer] = []
    private var isStreaming = false
    private var isHalted = false
    /// When the next picture begins.
    private var due = Timestamp.now

    /// Microseconds that the slow guest surely needs no more of to copy a payload.
    ///
    /// A transfer that fails while uvcvideo still copies the one before gives the copy's buffer back twice (Linux 6.1): the
    /// kernel's list of buffers breaks, so that streaming can never be stopped again, or the kernel panics.
    private static let copyingTime: UInt32 = 300_000

    init(
        _ port: VirtualUSBPort, _ descriptors: WebcamDescriptors, _ pictures: WebcamPictures, _ orders: WebcamOrders
    ) {
        self.port = port
        self.descriptors = descriptors
        self.pictures = pictures
        self.orders = orders
        controls = WebcamControls(descriptors)
    }

    /// Works until the webcam is unplugged.
    mutating func run() {
        while true {
            guard port.wait(send()) else { continue }
            switch USBIPMessage(read: { port.read($0) }) {
            case .submit(let transfer) where transfer.endpoint == 0: control(transfer)
            case .submit(let transfer): pending.append(transfer)
            case .unlink(let number, let victim):
                let place = pending.firstIndex { $0.number == victim }
                if let place { pending.remove(at: place) }
                port.write(USBIPAnswer.unlinked(number, wasPending: place != nil))
            case nil:
                port.unplug()
                return
            }
        }
    }

    private mutating func control(_ transfer: USBTransfer) {
        orders.state.withLock { orders in
            if orders.stallsPictureControls { controls.stallsPictureControls = true }
            if orders.stallsCommit { controls.stallsCommit = true }
            (orders.stallsPictureControls, orders.stallsCommit) = (false, false)
        }
        var answer: [UInt8] = []
        switch controls.handle(transfer.setup, transfer.data) {
        case .answer(let bytes): answer = bytes
        case .start:
            stream = WebcamStream()
            (isStreaming, isHalted, due) = (true, false, .now)
            orders.state.withLock { $0.sent = [] }
        case .stop: (isStreaming, isHalted) = (false, false)
        case .stall:
            port.write(USBIPAnswer.transfer(transfer.number, status: -EPIPE))
            return
        }
        port.write(
            USBIPAnswer.transfer(
                transfer.number, data: transfer.isInput ? Array(answer.prefix(transfer.setup.length)) : [],
                sentByteCount: transfer.data.count))
    }

    /// Sends what is due.
    ///
    /// - Returns: Milliseconds until there is more to send; -1 when that depends on others.
    private mutating func send() -> Int32 {
        while let transfer = pending.first, isStreaming {
            if isHalted {
                pending.removeFirst()
                port.write(USBIPAnswer.transfer(transfer.number, status: -EPIPE))
                continue
            }
            if !stream.isInPicture {
                let (isPaused, fault) = orders.state.withLock { ($0.isPaused, $0.faults[stream.number]) }
                if isPaused { return -1 }
                let now = Timestamp.now
                if due > now { return Int32((due - now) / .milliseconds(1)) + 1 }
                // Late pictures do not hurry after each other.
                due = max(due + .nanoseconds(Int64(controls.mode.interval) * 100), now)
                orders.state.withLock { $0.faults[stream.number] = nil }
                stream.begin(pictures.picture(stream.number, controls.mode), fault)
            }
            fill(transfer)
        }
        return -1
    }

    /// Answers a transfer with the next payloads.
    private mutating func fill(_ transfer: USBTransfer) {
        let limit = descriptors.transfer == .bulk ? controls.mode.bulkPayloadByteCount : descriptors.packetByteCount
        var packets: [[UInt8]] = []
        while packets.count < max(transfer.packetByteCounts.count, 1) {
            guard stream.isInPicture else {
                packets.append([])
                continue
            }
            switch stream.next(limit) {
            case .payload(let bytes, let isLast):
                packets.append(bytes)
                if isLast { orders.state.withLock { $0.sent.append(stream.fault) } }
            case .failure:
                usleep(Self.copyingTime)
                pending.removeFirst()
                port.write(USBIPAnswer.transfer(transfer.number, status: -EPROTO))
                return
            case .stall:
                usleep(Self.copyingTime)
                isHalted = true
                return
            case .unplug:
                port.unplug()
                isStreaming = false
                return
            }
        }
        pending.removeFirst()
        port.write(
            transfer.packetByteCounts.isEmpty
                ? USBIPAnswer.transfer(transfer.number, data: packets[0]) : USBIPAnswer.packets(transfer, packets))
    }
}
