// SPDX-License-Identifier: MIT
// Reads pictures by RTSP with live555, the library by which VLC does so, and writes the units of H.264 or H.265, or the JPEG
// pictures, to standard output: live555 URL USER PASSWORD tcp|udp PICTURES. Tests/Players/rtsp compiles it.
#include <BasicUsageEnvironment.hh>
#include <liveMedia.hh>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <utility>

namespace {

bool isTCP;
int wanted;
char volatile isDone;
MediaSession *session;
MediaSubsession *part;

[[noreturn]] void fail(UsageEnvironment &environment, const char *what) {
    environment << what << ": " << environment.getResultMsg() << "\n";
    exit(1);
}

/// Writes what comes until there are enough pictures; each has a time of its own.
class Sink : public MediaSink {
public:
    explicit Sink(UsageEnvironment &environment) : MediaSink(environment) {}

private:
    Boolean continuePlaying() override {
        fSource->getNextFrame(buffer, sizeof buffer, take, this, onSourceClosure, this);
        return True;
    }

    static void take(void *self, unsigned count, unsigned lost, timeval time, unsigned) {
        static_cast<Sink *>(self)->write(count, lost, time);
    }

    void write(unsigned count, unsigned lost, timeval time) {
        if (lost > 0) fprintf(stderr, "%u bytes do not fit\n", lost);
        times.insert({time.tv_sec, time.tv_usec});
        if (static_cast<int>(times.size()) > wanted) {
            isDone = 1;
            return;
        }
        if (strcmp(part->codecName(), "JPEG") != 0) fwrite("\0\0\0\1", 1, 4, stdout);
        fwrite(buffer, 1, count, stdout);
        continuePlaying();
    }

    std::set<std::pair<long, long>> times;
    unsigned char buffer[1 << 20];
};

void played(RTSPClient *client, int code, char *text) {
    if (code != 0) fail(client->envir(), "PLAY");
    delete[] text;
}

void setUp(RTSPClient *client, int code, char *text) {
    if (code != 0) fail(client->envir(), "SETUP");
    delete[] text;
    part->sink = new Sink(client->envir());
    part->sink->startPlaying(*part->readSource(), nullptr, nullptr);
    client->sendPlayCommand(*session, played);
}

void described(RTSPClient *client, int code, char *text) {
    if (code != 0) fail(client->envir(), "DESCRIBE");
    session = MediaSession::createNew(client->envir(), text);
    delete[] text;
    if (session == nullptr) fail(client->envir(), "the description");
    MediaSubsessionIterator parts(*session);
    part = parts.next();
    if (part == nullptr || !part->initiate()) fail(client->envir(), "the description's track");
    client->sendSetupCommand(*part, setUp, False, isTCP);
}

} // namespace

int main(int count, char **words) {
    if (count != 6) return 64;
    isTCP = strcmp(words[4], "tcp") == 0;
    wanted = atoi(words[5]);
    TaskScheduler *scheduler = BasicTaskScheduler::createNew();
    UsageEnvironment *environment = BasicUsageEnvironment::createNew(*scheduler);
    RTSPClient *client = RTSPClient::createNew(*environment, words[1], 0, "live555");
    Authenticator credentials(words[2], words[3]);
    client->sendDescribeCommand(described, &credentials);
    environment->taskScheduler().doEventLoop(&isDone);
    client->sendTeardownCommand(*session, nullptr);
    return 0;
}
