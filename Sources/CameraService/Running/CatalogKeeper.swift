// SPDX-License-Identifier: MIT

internal import CameraCatalog
internal import CameraCore
internal import CameraKit
internal import CameraServer
internal import DequeModule

/// Keeps the catalogue of a service: compares it with the files at the start, and takes down what the cameras do.
///
/// One thread writes, in the order in which things happened; cameras never wait for it. Phases: running, ending, ended; ``end()``
/// moves it on.
final class CatalogKeeper: Sendable {
    /// What was recorded.
    let catalog: Catalog
    private let server: Monitor<CameraServer?>
    private let work: Monitor<Work>

    private struct Work {
        var entries: Deque<Entry> = []
        /// The cameras whose files are to be compared with the catalogue, before what came after that was asked for.
        var sources: [CatalogSource]?
        /// Whether entries had to be left out, so that the files must be looked at again.
        var isIncomplete = false
        var isEnding = false
        var isEnded = false
    }

    private enum Entry: Sendable {
        case event(CameraEvent, camera: String, time: WallTime)
        case stop(camera: String, time: WallTime)
        case motion(camera: String, time: WallTime)
    }

    /// Entries that wait: some hours of cameras on a disk that stands still.
    private static let capacity = 10_000
    /// How long it is remembered what happened; files know by themselves how old they are.
    private static let memory = Duration.days(1100)
    /// How long the end waits for what is still to be taken down; the next start finds the rest in the files.
    private static let patience = Duration.seconds(10)

    /// Opens the catalogue, or makes it.
    ///
    /// - Parameter path: The database.
    /// - Throws: What ``Catalog/init(path:onReplacement:)`` throws; `.system`.
    init(_ path: String) throws(CameraError) {
        let server = Monitor<CameraServer?>(nil)
        self.server = server
        let work = Monitor(Work())
        self.work = work
        catalog = try Catalog(path: path) { replacement in
            Self.tell(server, "catalogue", "replaced", "\(replacement)")
            // Empty now, until the files have been looked at.
            work.update { $0.isIncomplete = true }
        }
        let catalog = catalog
        _ = try WorkerThread("catalogue") {
            var sources: [CatalogSource] = []
            while Self.turn(work, catalog, server, &sources) {}
            catalog.close()
            work.update { $0.isEnded = true }
        }
    }

    /// Tells a server's listeners from now on what a log should have.
    func speak(by server: CameraServer) { self.server.withLock { $0 = server } }

    /// A camera's plan, of which the catalogue is told everything.
    func watching(_ camera: ServedCamera) -> ServedCamera {
        var camera = camera
        let (name, work, catalog) = (camera.name, work, catalog)
        camera.onEvent = { event in Self.add(.event(event, camera: name, time: .now), to: work) }
        camera.keepsFile = { catalog.isProtected($0) }
        return camera
    }

    /// Takes down that somebody has stopped a camera's recording.
    func noteStop(of camera: String) { Self.add(.stop(camera: camera, time: .now), to: work) }

    /// Takes down that something begins to move before a camera.
    func noteMotion(of camera: String) { Self.add(.motion(camera: camera, time: .now), to: work) }

    /// Compares the catalogue with the files of cameras, soon.
    func reconcile(_ cameras: [ServedCamera]) throws(CameraError) {
        var sources: [CatalogSource] = []
        for camera in cameras {
            for template in Set([camera.template, camera.eventTemplate].compactMap(\.self)) {
                sources.append(try CatalogSource(camera: camera.name, template: template))
            }
        }
        work.update { [sources] in $0.sources = sources }
    }

    /// Takes down what is left, and closes the catalogue; waits for that a moment.
    func end() {
        work.update { $0.isEnding = true }
        if work.wait(until: .now + Self.patience, { $0.isEnded ? true : nil }) == nil { catalog.close() }
    }

    private static func add(_ entry: Entry, to work: Monitor<Work>) {
        work.update { work in
            guard !work.isEnding else { return }
            if work.entries.count < capacity { work.entries.append(entry) } else { work.isIncomplete = true }
        }
    }

    // MARK: The thread

    /// What the thread does next.
    private enum Turn {
        case reconcile([CatalogSource])
        case take(Entry)
        case end
    }

    /// Does what comes next, and waits for it before.
    ///
    /// - Parameters:
    ///   - work: What is to be done.
    ///   - catalog: The catalogue.
    ///   - server: Tells what a log should have.
    ///   - sources: What was compared last.
    /// - Returns: Whether more may follow.
    private static func turn(
        _ work: Monitor<Work>, _ catalog: Catalog, _ server: Monitor<CameraServer?>, _ sources: inout [CatalogSource]
    ) -> Bool {
        let last = sources
        let next = work.wait { work -> Turn? in
            if let sources = work.sources.take() { return .reconcile(sources) }
            if let entry = work.entries.popFirst() { return .take(entry) }
            if work.isEnding { return .end }
            guard work.isIncomplete else { return nil }
            work.isIncomplete = false
            return .reconcile(last)
        }
        do throws(CameraError) {
            switch next {
            case .end: return false
            case .reconcile(let wanted):
                sources = wanted
                let found = try catalog.reconcile(wanted)
                if let text = found.text { tell(server, "catalogue", "compared", text) }
                let now = WallTime.now.nanosecondsSince1970
                try catalog.forgetEvents(before: WallTime(nanosecondsSince1970: now - memory.nanoseconds))
            case .take(.event(let event, let camera, let time)): try catalog.note(event, of: camera, at: time)
            case .take(.stop(let camera, let time)): try catalog.noteInterruption(of: camera, .stopped, at: time)
            case .take(.motion(let camera, let time)):
                try catalog.add(CatalogEvent(camera: camera, kind: .motion, time: time))
            }
        } catch {
            // A file that was deleted meanwhile is none of the catalogue's.
            if ![.notFound, .closed].contains(error.code) { tell(server, "catalogue", "failed", "\(error)") }
        }
        return true
    }

    private static func tell(_ server: Monitor<CameraServer?>, _ subject: String, _ event: String, _ text: String) {
        server.withLock { $0 }?.tell("service", subject, event, text)
    }
}

extension CatalogReconciliation {
    /// A sentence for a log; nil where nothing was different.
    fileprivate var text: String? {
        let counts = [("added", added), ("changed", changed), ("forgotten", forgotten), ("repaired", repaired.count)]
        var parts = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.1 == 1 ? "file" : "files") \($0.0)" }
        if let first = skipped.first { parts.append("\(skipped.count) left out, the first: \(first.error)") }
        for camera in unreachable { parts.append("no file of '\(camera)' is there: is its disk mounted?") }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
