import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;

/**
 * DynamoDB Local, in memory and with one database for all keys and regions, on the loopback and for this machine
 * only: refuses requests of web pages, also of pages whose host name was rebound to the loopback.
 *
 * <p>Why our own main class: that of Amazon binds every interface ({@code new Server(port)}) and has no option for the
 * address. Neither Jetty nor the JVM has a system property for it, a Java agent would have to rewrite byte code, and
 * a proxy leaves the port behind it open. This class leaves out the telemetry of Amazon's main class.
 *
 * <p>The compiled class is next to this file, because a Java runtime may have no compiler. After a change:
 * {@code npm run compile-java}.
 */
public final class LoopbackDynamoDb extends Handler.Wrapper {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String REFUSAL =
            "{\"__type\":\"AccessDeniedException\",\"message\":\"Only this machine may use the database.\"}";

    private LoopbackDynamoDb(Handler database) {
        super(database);
    }

    /**
     * Prints one line, "Listening on port N", when the server is ready. Exits with 1 if the port cannot be used.
     *
     * @param args the port; 0 takes a free one
     */
    public static void main(String[] args) {
        try {
            System.out.println("Listening on port " + start(Integer.parseInt(args[0])));
        } catch (Exception problem) {
            System.err.println(problem);
            System.exit(1);
        }
    }

    private static int start(int port) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost(LOOPBACK);
        connector.setPort(port);
        server.addConnector(connector);
        boolean inMemory = true;
        boolean sharedDb = true;
        boolean delayTransientStatuses = false;
        server.setHandler(
                new LoopbackDynamoDb(
                        new LocalDynamoDBServerHandler(
                                new LocalDynamoDBRequestHandler(0, inMemory, null, sharedDb, delayTransientStatuses),
                                "no origin")));
        server.start();
        return connector.getLocalPort();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (isFromThisMachine(request)) return super.handle(request, response, callback);
        response.setStatus(403);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/x-amz-json-1.0");
        Content.Sink.write(response, true, REFUSAL, callback);
        return true;
    }

    /** Compares with the port at which the request arrived, not with what the request says. */
    private static boolean isFromThisMachine(Request request) {
        int port = Request.getLocalPort(request);
        String suffix = port == 80 ? "" : ":" + port;
        Set<String> mine = Set.of(LOOPBACK + suffix, "localhost" + suffix);
        String host = request.getHeaders().get(HttpHeader.HOST);
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        return host != null
                && mine.contains(host)
                && (origin == null || mine.stream().anyMatch(address -> origin.equals("http://" + address)));
    }
}
